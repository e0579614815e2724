let last = 0

/** Ids of one process are counted: the same script gives the same ids. */
export function newId(prefix) {
  last += 1
  return `${prefix}_${String(last).padStart(4, '0')}`
}
