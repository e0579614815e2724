import { contentRules } from '../../context/content-rules.ts'
import type { AgentEvent } from '../../event/agent-event.ts'
import type { RunLimits } from '../../observer/limits.ts'
import { ObserverRegistry } from '../../observer/observer-registry.ts'
import { RunAssembler } from '../../run/run-assembler.ts'
import type { CollectedSpan, LinkEvent, LinkRecord, OtherSpan } from '../collected-span.ts'
import { SpanCollector, type SpanCollectorOptions } from '../span-collector.ts'
import { otherSpans } from './other-spans.ts'

export const TRACE: string = 'a'.repeat(32)
/** 2026-11-20, in milliseconds. */
export const T0 = 1_795_000_000_000

type Attributes = Readonly<Record<string, unknown>>

export const AGENT: Attributes = { 'gen_ai.operation.name': 'invoke_agent' }
export const TOOL: Attributes = { 'gen_ai.operation.name': 'execute_tool' }
export const CALL: Attributes = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' }
export const RUN: Attributes = {
  'gen_ai.operation.name': 'invoke_workflow',
  'spancast.run.root': true,
}

/** What a test says of a span: ids are short, times count from `T0`. */
export interface SpanSpec {
  readonly trace?: string
  readonly parent?: string | undefined
  readonly remote?: boolean
  readonly at?: number
  readonly for?: number
  readonly run?: string
  readonly error?: string
}

/** A span id of 16 digits. */
export function idOf(short: string): string {
  return Buffer.from(short).toString('hex').padStart(16, '0').slice(-16)
}

/** A span that may concern agents. Its name is that of the agent, tool or model. */
export function span(short: string, attributes: Attributes, spec: SpanSpec = {}): CollectedSpan {
  const runId = spec.run === undefined ? {} : { 'spancast.run.id': spec.run }
  const { error } = spec
  return {
    ...placeOf(short, spec),
    facts: {
      name: `some_operation ${short}`,
      scope: 'test',
      attributes: { ...attributes, ...runId },
    },
    error: error === undefined ? undefined : { type: 'Error', message: error },
  }
}

/** A span that concerns no agent. */
export function other(short: string, spec: SpanSpec = {}): OtherSpan {
  const { error } = spec
  const told = () => ({
    name: short,
    error: error === undefined ? undefined : { type: 'Error', message: error },
  })
  return { ...placeOf(short, spec), told }
}

function placeOf(short: string, { trace, parent, remote, at = 0, for: ms = 10 }: SpanSpec) {
  return {
    traceId: trace ?? TRACE,
    spanId: idOf(short),
    parentSpanId: parent === undefined ? undefined : idOf(parent),
    local: parent === undefined || remote === true,
    startMs: T0 + at,
    endMs: T0 + at + ms,
  }
}

/** Tokens and dollars of a model call. */
export function usage(input: number, cost?: number): Attributes {
  return {
    'gen_ai.usage.input_tokens': input,
    ...(cost !== undefined && { 'spancast.cost.usd': cost }),
  }
}

/** A live link of one process and run. */
export class Source {
  readonly #randomId: string
  readonly #sourceId: string
  /** The last number that was used. */
  last = 0

  constructor(randomId: string, sourceId = 'process.one') {
    this.#randomId = randomId
    this.#sourceId = sourceId
  }

  /** The next record. Its event is about the span of that short id. */
  next(type: string, short: string | undefined, fields: Partial<LinkEvent> = {}): LinkRecord {
    const spanId = short === undefined ? '0'.repeat(16) : idOf(short)
    const base = { nodeId: spanId, timestamp: T0, traceId: TRACE, spanId }
    const event = { type, ...base, ...fields }
    const bytes = JSON.stringify(event).length
    const { sourceId, randomId } = { sourceId: this.#sourceId, randomId: this.#randomId }
    return { randomId, sourceId, sourceSeq: ++this.last, event, bytes }
  }

  heartbeat(): LinkRecord {
    const { sourceId, randomId } = { sourceId: this.#sourceId, randomId: this.#randomId }
    return { randomId, sourceId, sourceSeq: this.last, event: undefined, bytes: 0 }
  }
}

/** A collector with a registry of its own. */
export interface Collecting {
  readonly registry: ObserverRegistry
  readonly collector: SpanCollector
  /** Sends spans as one request. */
  send(...spans: (CollectedSpan | OtherSpan)[]): void
  link(...records: LinkRecord[]): void
  /** Events of a run; without an id, of the newest one. */
  events(randomId?: string): AgentEvent[]
}

export function startCollecting(
  limits: Partial<RunLimits> = {},
  options: Pick<SpanCollectorOptions, 'runBy'> = {},
): Collecting {
  const registry = new ObserverRegistry(limits)
  const assembler = new RunAssembler({ liveRules: () => contentRules().live })
  const collector = new SpanCollector({ registry, assembler, ...options })
  return {
    registry,
    collector,
    send(...spans) {
      collector.collect(
        spans.filter((one) => 'facts' in one),
        otherSpans(spans.filter((one): one is OtherSpan => !('facts' in one))),
      )
    },
    link(...records) {
      for (const record of records) collector.link(record)
    },
    events(randomId) {
      const observer = randomId === undefined ? registry.list().at(-1) : registry.get(randomId)
      return observer?.getEvents() ?? []
    },
  }
}
