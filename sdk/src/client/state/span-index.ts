import type { AgentEvent } from '../../event/agent-event.ts'
import { isEventType } from '../../event/event-type.ts'
import { reduceSpan } from './reduce-span.ts'
import { isOver, MAX_SPANS, NO_SPAN_ID, type RunState } from './run-state.ts'
import type { SortedList } from './sorted-list.ts'
import { type SpanState, unseenSpan } from './span-state.ts'
import type { SpanTable } from './span-table.ts'

/** The parts of a state that list spans. */
type SpanIndex = Pick<
  RunState,
  'unplaced' | 'spans' | 'rootIds' | 'openIds' | 'errorIds' | 'textIds'
>

type Draft = { -readonly [K in keyof SpanIndex]: SpanIndex[K] }

/** The spans and their lists after one more event. */
export function withSpanEvent(state: SpanIndex, event: AgentEvent): SpanIndex {
  const { unplaced, spans, rootIds, openIds, errorIds, textIds } = state
  const draft: Draft = { unplaced, spans, rootIds, openIds, errorIds, textIds }
  if (!isEventType(event.type) || isNowhere(event)) return draft
  const { seq, spanId, parentSpanId, traceId } = event
  const known = spans.get(spanId)
  // Room for the span, and for a parent that has not been seen.
  if (known === undefined && spans.size + 1 >= MAX_SPANS) {
    return { ...draft, unplaced: state.unplaced + 1 }
  }
  const before = known ?? unseenSpan(spanId, traceId, seq)
  const after = Object.freeze(reduceSpan(before, event))
  draft.spans = spans.set(after)
  // The parent's place is just before its first child, until it is seen itself.
  if (parentSpanId !== undefined && parentSpanId !== spanId) {
    mention(draft, parentSpanId, traceId, seq - 0.5)
  }
  if (known === undefined) enter(draft, after)
  else if (known.parentSpanId !== after.parentSpanId || known.order !== after.order) {
    leave(draft, known)
    enter(draft, after)
  }
  list(draft, before, after)
  return draft
}

/** Somebody's parent: it has events, whether or not they are seen. */
function mention(draft: Draft, spanId: string, traceId: string, order: number): void {
  const known = draft.spans.get(spanId)
  if (known !== undefined && known.order <= order) return
  const span = Object.freeze(
    known === undefined ? unseenSpan(spanId, traceId, order) : { ...known, order },
  )
  if (known !== undefined) leave(draft, known)
  draft.spans = draft.spans.set(span)
  enter(draft, span)
  if (known !== undefined) list(draft, known, span)
}

/** Takes its place among the children of its parent, or among the roots. */
function enter(draft: Draft, { spanId, parentSpanId, order }: SpanState): void {
  change(draft, parentSpanId, (ids) => ids.insert(order, spanId))
}

function leave(draft: Draft, { parentSpanId, order }: SpanState): void {
  change(draft, parentSpanId, (ids) => ids.without(order))
}

function change(
  draft: Draft,
  parentSpanId: string | undefined,
  to: (ids: SortedList<string>) => SortedList<string>,
): void {
  const parent = parentSpanId === undefined ? undefined : draft.spans.get(parentSpanId)
  if (parent === undefined) draft.rootIds = to(draft.rootIds)
  else draft.spans = draft.spans.set(Object.freeze({ ...parent, childIds: to(parent.childIds) }))
}

/** Keeps the lists of what is open, of what has text and of what has failed. */
function list(draft: Draft, before: SpanState, after: SpanState): void {
  const wasOpen = isOpen(before)
  const opens = isOpen(after)
  if (wasOpen !== opens || before.order !== after.order) {
    if (wasOpen) draft.openIds = draft.openIds.without(before.order)
    if (opens) draft.openIds = draft.openIds.insert(after.order, after.spanId)
  }
  const { spanId } = after
  draft.textIds = rekeyed(draft.textIds, spanId, before.textFrom, after.textFrom)
  draft.errorIds = rekeyed(draft.errorIds, spanId, before.failedAt, after.failedAt)
}

function rekeyed(
  ids: SortedList<string>,
  spanId: string,
  from: number | undefined,
  to: number | undefined,
): SortedList<string> {
  if (from === to) return ids
  const rest = from === undefined ? ids : ids.without(from)
  return to === undefined ? rest : rest.insert(to, spanId)
}

/** A run that is opened by no span tells its start and end of none. */
function isNowhere({ type, spanId }: AgentEvent): boolean {
  return (type === 'run.start' || type === 'run.end') && spanId === NO_SPAN_ID
}

function isOpen({ startedAt, endedAt }: SpanState): boolean {
  return startedAt !== undefined && endedAt === undefined
}

/** @returns `unknown` for a span whose end was lost: nothing of its run is open any more. */
export function spanStatus(
  { run }: Pick<RunState, 'run'>,
  span: SpanState,
): SpanState['status'] | 'unknown' {
  return isOver(run.status) && span.status === 'running' ? 'unknown' : span.status
}

/** A span and all below it, each before its children. Bounded by the spans there are, whatever their parents say. */
export function* walk(
  spans: SpanTable,
  ids: Iterable<string>,
  depth = 0,
): Generator<{ readonly span: SpanState; readonly depth: number }, void> {
  const stack = [...ids].reverse().map((spanId) => ({ spanId, depth }))
  for (let top = stack.pop(); top !== undefined; top = stack.pop()) {
    const span = spans.get(top.spanId)
    if (span === undefined) continue
    yield { span, depth: top.depth }
    const below = top.depth + 1
    for (const spanId of [...span.childIds].reverse()) stack.push({ spanId, depth: below })
  }
}
