/** The name that was probably meant: the one with the fewest changes, if they are few. */
export function nearest(text: string, names: readonly string[]): string | undefined {
  const allowed = text.length < 3 ? 1 : Math.max(2, Math.floor(text.length / 3))
  let best: string | undefined
  let fewest = allowed + 1
  for (const name of names) {
    const changes = name.startsWith(text) ? 1 : changesBetween(text, name)
    if (changes >= fewest) continue
    fewest = changes
    best = name
  }
  return best
}

/** Levenshtein's distance: letters to insert, to delete or to replace. */
function changesBetween(from: string, to: string): number {
  let before = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const replaced = (before[column - 1] ?? 0) + (from[row - 1] === to[column - 1] ? 0 : 1)
      const moved = Math.min(before[column] ?? 0, current[column - 1] ?? 0) + 1
      current.push(Math.min(replaced, moved))
    }
    before = current
  }
  return before[to.length] ?? 0
}
