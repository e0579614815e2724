import type { RunSummary } from '@spancast/sdk'
import { type RunState, type SpanState, spanStatus, walk } from '@spancast/sdk/client'
import type { Color } from '../paint.ts'
import { brief } from './brief.ts'
import { count, dollars, elapsed, timeOfDay, tokens } from './figures.ts'
import type { Brush, Pen } from './screen.ts'

const MARKS: Readonly<Record<ReturnType<typeof spanStatus>, readonly [string, Color]>> = {
  ok: ['✔', 'green'],
  error: ['✖', 'red'],
  cancelled: ['✖', 'red'],
  abandoned: ['◌', 'yellow'],
  running: ['▶', 'blue'],
  unknown: ['◌', 'yellow'],
}
const LABEL_WIDTH = 44
const MAX_NAME = 60
const MAX_REST = 120
const MAX_DEPTH = 20

/** A run as a tree with what each of its steps took and cost. */
export function* treeOf(
  state: RunState,
  summary: RunSummary,
  brush: Brush,
  pen: Pen,
): Generator<string, void> {
  for (const line of headOf(state, summary, pen)) yield `${brush.fit(line)}\n`
  yield '\n'
  for (const { span, depth } of walk(state.spans, state.rootIds)) {
    yield `${brush.fit(rowOf(state, span, depth, brush, pen))}\n`
  }
}

function* headOf(state: RunState, summary: RunSummary, pen: Pen): Generator<string, void> {
  const { name, randomId, status, startedAt, duration, lastSeenAt, traceIds } = summary
  yield `${pen.line(name, MAX_NAME)}  ${status}  ${elapsed(duration ?? lastSeenAt - startedAt)}`
  yield `run ${randomId}  started ${new Date(startedAt).toLocaleDateString('sv')} ${timeOfDay(startedAt)}`
  if (traceIds.length > 0) yield `trace ${traceIds.join(' ')}`
  const failed = summary.errors === 0 ? '' : `, ${count(summary.errors)} failed`
  const cost = dollars(summary, state.gaps.length > 0 && !state.usage.final)
  yield `${count(summary.steps)} steps${failed}, ${tokens(summary.tokenUsage)}, ${cost}`
  if (state.firstError !== undefined) {
    const { name: failing, error } = state.firstError
    yield pen.line(`first error: ${failing} ${error.type}: ${error.message}`, MAX_REST)
  }
  for (const { from, to } of state.gaps) yield `missing: events ${from} to ${to}`
}

function rowOf(state: RunState, span: SpanState, depth: number, brush: Brush, pen: Pen): string {
  const status = spanStatus(state, span)
  const [mark, color] = MARKS[status]
  const indent = '  '.repeat(Math.min(depth, MAX_DEPTH))
  const kind = span.kind === 'unknown' ? '(its start was lost)' : span.kind
  const label = `${kind} ${pen.line(span.name, MAX_NAME)}`.padEnd(LABEL_WIDTH - indent.length)
  const time = span.duration === undefined ? status : elapsed(span.duration)
  const rest = pen.line(restOf(span), restWidth(brush, indent.length))
  const shown = span.error === undefined ? brush.paint('gray', rest) : brush.paint('red', rest)
  return `${indent}${brush.paint(color, mark)} ${label}  ${time.padStart(8)}  ${shown}`.trimEnd()
}

function restOf(span: SpanState): string {
  const { error, kind, tokenUsage } = span
  if (error !== undefined) return `${error.type}: ${error.message}`
  if (kind === 'tool') return brief(span.input)
  if (tokenUsage === null || tokenUsage.totalTokens === 0) return ''
  return `${tokens(tokenUsage)}, ${dollars(span)}`
}

function restWidth({ look: { columns } }: Brush, indent: number): number {
  const used = Math.max(LABEL_WIDTH, indent) + 14
  return columns === undefined ? MAX_REST : Math.max(20, Math.min(MAX_REST, columns - used))
}
