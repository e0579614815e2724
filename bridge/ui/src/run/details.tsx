import type { AgentEvent, RunState, SpanState } from '@spancast/sdk/client'
import type { ReactElement } from 'react'
import { Icon } from '../shell/icon.tsx'
import { duration, offset } from '../text/format.ts'
import { label } from '../text/visible.ts'
import { ErrorView } from './error-view.tsx'
import { type Fact, Facts } from './facts.tsx'
import { StatusBadge } from './status-badge.tsx'
import { endOf, iconOf, kindOf, kindWord, nameOf, runStartOf, startOf, statusOf } from './step.ts'
import { StreamedText } from './streamed-text.tsx'
import { usageText } from './usage-line.tsx'
import { textOf, ValueView } from './value-view.tsx'

const MAX_EVENTS = 100

/** All that is known of one step. */
export function Details({
  state,
  span,
}: {
  readonly state: RunState
  readonly span: SpanState
}): ReactElement {
  const status = statusOf(span, state)
  const isTool = span.kind === 'tool'
  const events = customEventsOf(state, span.spanId)
  const shown = events.slice(-MAX_EVENTS)
  return (
    <article className="details-body" data-testid="details" data-span={span.spanId}>
      <header>
        <h2 className={`kind-${kindOf(span)}`}>
          <Icon name={iconOf(span)} />
          <bdi>{nameOf(span)}</bdi>
        </h2>
        <p>
          <span className="muted">{kindWord(span)}</span> <StatusBadge status={status} />{' '}
          <span className="number">{timesOf(span, runStartOf(state))}</span>
        </p>
      </header>
      {span.error !== undefined && <ErrorView error={span.error} />}
      {span.reasoning !== '' && (
        <StreamedText title="Reasoning" text={span.reasoning} live={status === 'running'} />
      )}
      {span.text !== '' && (
        <StreamedText title="Streamed text" text={span.text} live={status === 'running'} />
      )}
      {span.input !== undefined && (
        <ValueView
          key={`i${span.spanId}`}
          title={isTool ? 'Arguments' : 'Input'}
          value={span.input}
        />
      )}
      {span.output !== undefined && textOf(span.output) !== span.text && (
        <ValueView
          key={`o${span.spanId}`}
          title={isTool ? 'Result' : 'Output'}
          value={span.output}
        />
      )}
      {span.truncated.length > 0 && (
        <p className="muted">Shortened where it was recorded: {label(span.truncated.join(', '))}</p>
      )}
      {shown.length > 0 && (
        <section className="value">
          <header>
            <h3>Events</h3>
            {events.length > shown.length && (
              <span className="muted">
                the last {shown.length} of {events.length}
              </span>
            )}
          </header>
          <ol className="told">
            {shown.map(({ seq, timestamp, name, content }) => (
              <li key={seq}>
                <span className="muted number">{offset(timestamp - runStartOf(state))}</span>{' '}
                <strong>{label(name)}</strong> <code dir="auto">{short(content)}</code>
              </li>
            ))}
          </ol>
        </section>
      )}
      <Facts title="Attributes" facts={factsOf(span)} />
    </article>
  )
}

function timesOf(span: SpanState, runStart: number): string {
  const end = endOf(span, runStart)
  const from = offset(startOf(span, runStart))
  if (end === undefined) return `from ${from}`
  return `${from} → ${offset(end)} (${duration(span.duration ?? 0)})`
}

function customEventsOf({ log }: RunState, spanId: string): Told[] {
  const told: Told[] = []
  for (const event of log)
    if (event.type === 'agent.event' && event.spanId === spanId) told.push(event)
  return told
}

type Told = Extract<AgentEvent, { type: 'agent.event' }>

function short(content: unknown): string {
  const text = typeof content === 'string' ? content : (JSON.stringify(content) ?? '')
  return text.length > 500 ? `${text.slice(0, 500)}…` : text
}

function factsOf(span: SpanState): Fact[] {
  const { kind, tokenUsage, timeToFirstChunk, unmeteredCalls, unpricedCalls, cost } = span
  const calls = kind === 'llm' ? 1 : Number.POSITIVE_INFINITY
  const usage =
    tokenUsage === null || (kind !== 'llm' && tokenUsage.totalTokens === 0)
      ? undefined
      : kind === 'llm'
        ? usageText({ tokenUsage, cost, calls, unpricedCalls, unmeteredCalls }, false)
        : undefined
  return [
    ['Provider', span.provider],
    ['Usage', usage],
    ['First chunk after', timeToFirstChunk === undefined ? undefined : duration(timeToFirstChunk)],
    ['Chunks', span.chunks === 0 ? undefined : String(span.chunks)],
    ['Namespace', span.namespace],
    ['Tool call', span.toolCallId],
    ['Node', span.nodeId],
    ['Span', span.spanId],
    ['Trace', span.traceId],
  ]
}
