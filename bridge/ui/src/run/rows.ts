import type { RunState, SpanState } from '@spancast/sdk/client'
import { gapsOf, type Missing } from './missing.ts'
import { type Kind, kindOf } from './step.ts'

export interface StepRow {
  readonly type: 'step'
  readonly key: string
  readonly span: SpanState
  /** 1 for a root. */
  readonly level: number
  readonly position: number
  readonly siblings: number
  /** `undefined` if nothing is below it. */
  readonly expanded: boolean | undefined
  /** Whether it is what was asked for, or only leads to it. */
  readonly matches: boolean
}

export interface GapRow {
  readonly type: 'gap'
  readonly key: string
  readonly gap: Missing
}

export type Row = StepRow | GapRow

/** What of a run's state the tree is made of. */
export type Tree = Pick<RunState, 'spans' | 'rootIds' | 'gaps' | 'log'>

export interface RowFilter {
  readonly search: string
  readonly only: 'all' | 'running' | 'errors'
  /** Kinds that are left out. */
  readonly without: ReadonlySet<Kind>
}

/**
 * The tree of a run as the rows that are seen of it, top to bottom. A filter keeps what matches and what leads there,
 * open whatever is collapsed.
 */
export function rowsOf(
  state: Tree,
  filter: RowFilter,
  collapsed: ReadonlySet<string>,
): readonly Row[] {
  const matches = matcherOf(filter)
  const kept = matches === undefined ? undefined : keptBy(state, matches)
  const rows: Row[] = []
  // A stack in place of recursion: a tree from elsewhere may be deep.
  const stack = below(state, state.rootIds, 1, kept)
  for (let row = stack.pop(); row !== undefined; row = stack.pop()) {
    const { span, level } = row
    const children = below(state, span.childIds, level + 1, kept)
    const expanded = kept !== undefined || !collapsed.has(span.spanId)
    const isMatch = matches?.(span) ?? true
    rows.push({
      ...row,
      matches: isMatch,
      expanded: children.length === 0 ? undefined : expanded,
    })
    if (expanded) for (const child of children) stack.push(child)
  }
  return kept === undefined ? withGaps(rows, gapsOf(state)) : rows
}

/** The ids of the spans above one, nearest first. */
export function ancestorsOf(state: RunState, spanId: string): string[] {
  const ids = new Set<string>()
  let span = state.spans.get(spanId)
  while (span?.parentSpanId !== undefined && !ids.has(span.parentSpanId)) {
    ids.add(span.parentSpanId)
    span = state.spans.get(span.parentSpanId)
  }
  return [...ids]
}

/** Last first, as a stack wants them. */
function below(
  state: Tree,
  ids: Iterable<string>,
  level: number,
  kept: ReadonlySet<string> | undefined,
): StepRow[] {
  const spans: SpanState[] = []
  for (const id of ids) {
    const span = kept === undefined || kept.has(id) ? state.spans.get(id) : undefined
    if (span !== undefined) spans.push(span)
  }
  const rows = spans.map(
    (span, at): StepRow => ({
      type: 'step',
      key: span.spanId,
      span,
      level,
      position: at + 1,
      siblings: spans.length,
      expanded: undefined,
      matches: true,
    }),
  )
  return rows.reverse()
}

/** `undefined` if everything matches. */
function matcherOf({
  search,
  only,
  without,
}: RowFilter): ((span: SpanState) => boolean) | undefined {
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean)
  if (words.length === 0 && only === 'all' && without.size === 0) return undefined
  return (span) => {
    if (without.has(kindOf(span))) return false
    if (only === 'running' && span.status !== 'running') return false
    if (only === 'errors' && span.status !== 'error') return false
    if (words.length === 0) return true
    const { name, kind, nodeId, namespace = '', error } = span
    const text = `${name} ${kind} ${nodeId} ${namespace} ${error?.message ?? ''}`.toLowerCase()
    return words.every((word) => text.includes(word))
  }
}

function keptBy(state: Tree, matches: (span: SpanState) => boolean): ReadonlySet<string> {
  const kept = new Set<string>()
  for (const span of state.spans) {
    if (!matches(span)) continue
    let at: SpanState | undefined = span
    while (at !== undefined && !kept.has(at.spanId)) {
      kept.add(at.spanId)
      at = at.parentSpanId === undefined ? undefined : state.spans.get(at.parentSpanId)
    }
  }
  return kept
}

/** Each gap behind the last row that was known before it. */
function withGaps(rows: readonly Row[], gaps: readonly Missing[]): readonly Row[] {
  if (gaps.length === 0) return rows
  const all = [...rows]
  for (const gap of gaps) {
    const before = all.findLastIndex((row) => row.type === 'gap' || row.span.order < gap.from)
    all.splice(before + 1, 0, { type: 'gap', key: `gap-${gap.from}`, gap })
  }
  return all
}
