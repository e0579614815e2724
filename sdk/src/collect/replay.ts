import type { CollectedEvent, CollectedSpan } from './collected-span.ts'

/** Who is told what happened to spans, as if it happened now. */
export interface Replayed<Note> {
  /** @returns what `ended` gets of the same span. */
  started(span: CollectedSpan): Note
  /** An event that the span carries; after its start and before its end. */
  told(span: CollectedSpan, event: CollectedEvent, note: Note | undefined): void
  ended(span: CollectedSpan, note: Note | undefined): void
}

/** When something is to be told: the end of a span, or an event of it. */
interface Moment<Note> {
  readonly of: Member<Note>
  readonly event: CollectedEvent | undefined
  readonly end: number
  /** Of two at the same time the deeper one is told first, and events before ends. */
  readonly depth: number
}

interface Member<Note> {
  readonly span: CollectedSpan
  /** Its place among the spans as they came. */
  readonly index: number
  /** The one before it of the same span id: of another trace, or the same once more. */
  readonly before: Member<Note> | undefined
  parent: Member<Note> | undefined
  /** How many of its ancestors are among the spans; -1 while that is not known. */
  depth: number
  /** When it ended, by the clock of those around it. */
  end: number
  hasStarted: boolean
  note: Note | undefined
}

// SDKs round the time of a start to the millisecond and add a finer duration, so that a child may seem to end after
// the parent that waited for it.
const CLOCK_STEP_MS = 2
// A busy machine may stop an SDK between its two readings of a clock. Exporters send the spans of a scope in the order
// of their ends, which tells more than clocks do; the order of those of two scopes tells nothing.
const ORDERED_STEP_MS = 50
const UNORDERED_STEP_MS = 10
const NONE: readonly CollectedEvent[] = []

/**
 * Tells the starts and ends of spans that have ended, in the order in which they happened. Where coarse clocks say
 * otherwise, a parent still starts before its children, and a child still ends before the parent that waited for it.
 */
export function replay<Note>(spans: readonly CollectedSpan[], to: Replayed<Note>): void {
  const members = membersOf<Note>(spans)
  const moments = momentsOf(members).sort((a, b) => a.end - b.end || b.depth - a.depth)
  const starts = members.sort((a, b) => a.span.startMs - b.span.startMs)
  let next = 0
  for (const { of, event, end } of moments) {
    for (
      let due = starts[next];
      due !== undefined && due.span.startMs <= end;
      due = starts[++next]
    ) {
      start(due, to)
    }
    start(of, to)
    if (event === undefined) to.ended(of.span, of.note)
    else to.told(of.span, event, of.note)
  }
}

function momentsOf<Note>(members: readonly Member<Note>[]): Moment<Note>[] {
  const moments: Moment<Note>[] = []
  for (const member of members) {
    const { end, depth } = member
    const events = member.span.events ?? NONE
    for (const event of isRepeated(member) ? NONE : events) {
      // None after the end of its span, whatever its clock says.
      const at = Math.min(event.timestamp, end)
      moments.push({ of: member, event, end: at, depth: Number.POSITIVE_INFINITY })
    }
    moments.push({ of: member, event: undefined, end, depth })
  }
  return moments
}

/** Whether the same span has come before. */
function isRepeated<Note>({ span, before }: Member<Note>): boolean {
  let at = before
  while (at !== undefined && at.span.traceId !== span.traceId) at = at.before
  return at !== undefined
}

/** The span starts, and before it those of its ancestors that have not. */
function start<Note>(member: Member<Note>, to: Replayed<Note>): void {
  if (member.hasStarted) return
  const { parent } = member
  if (parent === undefined || parent.hasStarted) {
    member.hasStarted = true
    member.note = to.started(member.span)
    return
  }
  const due: Member<Note>[] = []
  let at: Member<Note> | undefined = member
  for (; at !== undefined && !at.hasStarted; at = at.parent) {
    at.hasStarted = true
    due.push(at)
  }
  for (let next = due.pop(); next !== undefined; next = due.pop()) {
    next.note = to.started(next.span)
  }
}

function membersOf<Note>(spans: readonly CollectedSpan[]): Member<Note>[] {
  const byId = new Map<string, Member<Note>>()
  const members = spans.map((span, index) => {
    const before = byId.get(span.spanId)
    const member: Member<Note> = {
      span,
      index,
      before,
      parent: undefined,
      depth: -1,
      end: span.endMs,
      hasStarted: false,
      note: undefined,
    }
    byId.set(span.spanId, member)
    return member
  })
  for (const member of members) member.parent = parentOf(member, byId)
  let deepest = 0
  for (const member of members) {
    countAncestors(member)
    if (member.depth > deepest) deepest = member.depth
  }
  if (deepest > 0) waitForChildren(members)
  return members
}

function parentOf<Note>(
  { span: { traceId, parentSpanId } }: Member<Note>,
  byId: ReadonlyMap<string, Member<Note>>,
): Member<Note> | undefined {
  if (parentSpanId === undefined) return undefined
  let at = byId.get(parentSpanId)
  while (at !== undefined && at.span.traceId !== traceId) at = at.before
  return at
}

/** A parent that seems to end a moment before its child has waited for it. */
function waitForChildren<Note>(members: readonly Member<Note>[]): void {
  // The deepest first: what waited for them may have been waited for itself.
  for (const child of [...members].sort((a, b) => b.depth - a.depth)) {
    const { parent } = child
    if (parent === undefined || child.end <= parent.end) continue
    if (child.end <= parent.span.endMs + clockStepOf(child, parent)) parent.end = child.end
  }
}

function clockStepOf<Note>(child: Member<Note>, parent: Member<Note>): number {
  if (child.span.facts.scope !== parent.span.facts.scope) return UNORDERED_STEP_MS
  return child.index < parent.index ? ORDERED_STEP_MS : CLOCK_STEP_MS
}

function countAncestors<Note>(member: Member<Note>): void {
  if (member.depth >= 0) return
  const path: Member<Note>[] = []
  let at: Member<Note> | undefined = member
  // A depth that is not known yet is 0 for now: a ring of parents has to begin somewhere.
  for (; at !== undefined && at.depth < 0; at = at.parent) {
    at.depth = 0
    path.push(at)
  }
  let depth = at === undefined ? -1 : at.depth
  for (let next = path.pop(); next !== undefined; next = path.pop()) next.depth = ++depth
}
