import type { CollectedSpan } from './collected-span.ts'

/** Who is told what happened to spans, as if it happened now. */
export interface Replayed {
  started(span: CollectedSpan): void
  ended(span: CollectedSpan): void
}

interface Member {
  readonly span: CollectedSpan
  readonly parent: CollectedSpan | undefined
  /** How many of its ancestors are among the spans; -1 while that is not known. */
  depth: number
  /** When it ended, by the clock of those around it. */
  end: number
}

// SDKs round the time of a start to the millisecond and add a finer duration, so that a child may seem to end after
// the parent that waited for it.
const CLOCK_STEP_MS = 2

/**
 * Tells the starts and ends of spans that have ended, in the order in which they happened. Where coarse clocks say
 * otherwise, a parent still starts before its children, and a child still ends before the parent that waited for it.
 */
export function replay(spans: readonly CollectedSpan[], to: Replayed): void {
  const members = membersOf(spans)
  const started = new Set<CollectedSpan>()
  const start = (span: CollectedSpan): void => {
    const due: CollectedSpan[] = []
    let at: CollectedSpan | undefined = span
    for (; at !== undefined && !started.has(at); at = members.get(at)?.parent) {
      started.add(at)
      due.push(at)
    }
    for (let next = due.pop(); next !== undefined; next = due.pop()) to.started(next)
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
    members.set(span, { span, parent, depth: -1, end: span.endMs })
  }
  for (const member of members.values()) countAncestors(member, members)
  // The deepest first: what waited for them may have been waited for itself.
  for (const child of [...members.values()].sort((a, b) => b.depth - a.depth)) {
    const parent = child.parent && members.get(child.parent)
    if (parent === undefined || child.end <= parent.end) continue
    if (child.end <= parent.span.endMs + CLOCK_STEP_MS) parent.end = child.end
  }
  return members
}

function countAncestors(member: Member, members: ReadonlyMap<CollectedSpan, Member>): void {
  const path: Member[] = []
  let at: Member | undefined = member
  // A depth that is not known yet is 0 for now: a ring of parents has to begin somewhere.
  for (; at !== undefined && at.depth < 0; at = at.parent && members.get(at.parent)) {
    at.depth = 0
    path.push(at)
  }
  let depth = at === undefined ? -1 : at.depth
  for (let next = path.pop(); next !== undefined; next = path.pop()) next.depth = ++depth
}
