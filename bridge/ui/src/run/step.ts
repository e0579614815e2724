import { type RunState, type SpanState, spanStatus } from '@spancast/sdk/client'
import type { IconName } from '../shell/icon.tsx'
import { label } from '../text/visible.ts'

/** The four kinds that steps are told apart by. */
export type Kind = 'agent' | 'llm' | 'tool' | 'other'

/** How a step stands, as the page tells it. */
export type StepStatus =
  | 'running'
  | 'stalled'
  | 'ok'
  | 'error'
  | 'cancelled'
  | 'abandoned'
  | 'unknown'

const WORDS: Readonly<Record<StepStatus, string>> = {
  running: 'running',
  stalled: 'stalled',
  ok: 'ok',
  error: 'error',
  cancelled: 'cancelled',
  abandoned: 'abandoned',
  unknown: 'end not seen',
}

export function kindOf({ kind }: SpanState): Kind {
  if (kind === 'llm' || kind === 'tool') return kind
  return kind === 'unknown' ? 'other' : 'agent'
}

export function iconOf(span: SpanState): IconName {
  return span.kind
}

/** What people read as its kind. */
export function kindWord({ kind }: SpanState): string {
  if (kind === 'llm') return 'model call'
  return kind === 'unknown' ? 'step' : kind
}

export function nameOf(span: SpanState): string {
  if (span.name !== '') return label(span.name)
  return span.kind === 'llm' ? 'model' : 'step not seen whole'
}

/** What is open in a run that has ended was lost, what is open in one that is silent may never end. */
export function statusOf(span: SpanState, state: RunState): StepStatus {
  const status = spanStatus(state, span)
  return status === 'running' && state.run.status === 'stalled' ? 'stalled' : status
}

export function statusWord(status: StepStatus): string {
  return WORDS[status]
}

/** When it began, in milliseconds since the run did; of one whose start was lost as its end tells it. */
export function startOf(span: SpanState, runStart: number): number {
  const { startedAt, endedAt, duration } = span
  if (startedAt !== undefined) return startedAt - runStart
  return endedAt === undefined ? 0 : endedAt - (duration ?? 0) - runStart
}

/** When it ended, in milliseconds since the run began; `undefined` while it has not. */
export function endOf(span: SpanState, runStart: number): number | undefined {
  if (span.duration !== undefined) return startOf(span, runStart) + span.duration
  return span.endedAt === undefined ? undefined : span.endedAt - runStart
}

/** How many steps have been seen, as the list of runs counts them: a root that is the run itself is none. */
export function stepCount({ run, spans }: RunState): number {
  const root = spans.get(run.rootSpanId ?? '')
  // The run tells of its root as a workflow; what is a node of its own has told so itself.
  return root?.kind === 'workflow' && root.kindFrom === 0 ? spans.size - 1 : spans.size
}

/** The time that the run's own times count from. */
export function runStartOf({ run }: RunState): number {
  return run.startedAt ?? run.firstEventAt ?? 0
}
