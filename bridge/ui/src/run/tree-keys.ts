import type { Row } from './rows.ts'

/** Where a key leads in a tree: to another row, or this one opens or closes. */
export type Goal =
  | { readonly index: number }
  | { readonly toggle: string; readonly expand: boolean }

/** What keys do in a tree, as everywhere. `undefined` for those that do nothing. */
export function goalOf(
  key: string,
  rows: readonly Row[],
  at: number,
  page: number,
): Goal | undefined {
  const row = rows[at]
  if (row === undefined) return undefined
  const last = rows.length - 1
  switch (key) {
    case 'ArrowDown':
      return { index: Math.min(last, at + 1) }
    case 'ArrowUp':
      return { index: Math.max(0, at - 1) }
    case 'PageDown':
      return { index: Math.min(last, at + page) }
    case 'PageUp':
      return { index: Math.max(0, at - page) }
    case 'Home':
      return { index: 0 }
    case 'End':
      return { index: last }
    case 'ArrowRight':
      if (row.type === 'gap' || row.expanded === undefined) return undefined
      return row.expanded ? { index: Math.min(last, at + 1) } : { toggle: row.key, expand: true }
    case 'ArrowLeft':
      if (row.type === 'gap') return undefined
      if (row.expanded) return { toggle: row.key, expand: false }
      return parentOf(rows, at, row.level)
    default:
      return undefined
  }
}

function parentOf(rows: readonly Row[], at: number, level: number): Goal | undefined {
  for (let index = at - 1; index >= 0; index--) {
    const row = rows[index]
    if (row?.type === 'step' && row.level < level) return { index }
  }
  return undefined
}
