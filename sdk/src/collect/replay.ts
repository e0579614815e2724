import type { CollectedSpan } from './collected-span.ts'

/** Who is told what happened to spans, as if it happened now. */
export interface Replayed {
  started(span: CollectedSpan): void
  ended(span: CollectedSpan): void
}

interface Member {
  readonly span: CollectedSpan
  readonly parent: CollectedSpan | undefined
  /** How many of its ancestors are among the spans. */
  depth: number
  /** When it ended, by the clock of those around it. */
  end: number
}

// SDKs round the time of a start to the millisecond and add a finer duration, so that a child may seem to end after
// the parent that waited for it.
const CLOCK_STEP_MS = 2
// No tree of calls is as deep; a ring of parents would be.
const MAX_DEPTH = 512

/**
 * Tells the starts and ends of spans that have ended, in the order in which they happened. Where coarse clocks say
 * otherwise, a parent still starts before its children, and a child still ends before the parent that waited for it.
 */
export function replay(spans: readonly CollectedSpan[], to: Replayed): void {
  const members = membersOf(spans)
  const started = new Set<CollectedSpan>()
  const start = (span: CollectedSpan): void => {
    if (started.has(span)) return
    started.add(span)
    const parent = members.get(span)?.parent
    if (parent !== undefined) start(parent)
    to.started(span)
  }
  const starts = [...spans].sort((a, b) => a.startMs - b.startMs)
  const ends = [...members.values()].sort((a, b) => a.end - b.end || b.depth - a.depth)
  let next = 0
  for (const { span, end } of ends) {
    for (let due = starts[next]; due !== undefined && due.startMs <= end; due = starts[++next]) {
      start(due)
    }
    start(span)
    to.ended(span)
  }
}

function membersOf(spans: readonly CollectedSpan[]): Map<CollectedSpan, Member> {
  const byId = new Map(spans.map((span) => [span.traceId + span.spanId, span]))
  const members = new Map<CollectedSpan, Member>()
  for (const span of spans) {
    const parent = byId.get(span.traceId + (span.parentSpanId ?? ''))
    members.set(span, { span, parent, depth: 0, end: span.endMs })
  }
  for (const member of members.values()) settle(member, members)
  return members
}

/** Counts the member's ancestors, and lets those that waited for it end with it. */
function settle(member: Member, members: ReadonlyMap<CollectedSpan, Member>): void {
  let child = member
  for (let depth = 0; depth < MAX_DEPTH && child.parent !== undefined; depth++) {
    const parent = members.get(child.parent)
    if (parent === undefined) return
    member.depth = depth + 1
    if (child.end > parent.end && child.end <= parent.span.endMs + CLOCK_STEP_MS)
      parent.end = child.end
    child = parent
  }
}
