import type { ErrorInfo, NodeKind } from '../event/agent-event.ts'
import type { TokenUsage } from '../event/usage.ts'

/** What a span says of itself, whichever way it came. Attribute values may be anything. */
export interface SpanFacts {
  readonly name: string
  /** Name of the instrumentation scope. */
  readonly scope: string
  readonly attributes: Readonly<Record<string, unknown>>
  /** Whether it has no parent; `undefined` if that is not known. */
  readonly root?: boolean | undefined
  /** What was noted on it so far, if that is known; of the bridge those alone that the GenAI conventions name. */
  readonly events?: readonly SpanEvent[] | undefined
}

/** An event of a span. */
export interface SpanEvent {
  readonly name: string
  readonly attributes?: Readonly<Record<string, unknown>> | undefined
}

/** What a span is: a node, a tool call, a model call, or the run itself. */
export type SpanRole = NodeKind | 'tool' | 'llm' | 'run'

/** What a dialect recognises at a span's start. */
export interface Recognised {
  /** The dialect that recognised it, which knows its end too. */
  readonly dialect: Dialect
  readonly role: SpanRole
  /** The agent's, tool's, workflow's or model's name; `undefined` if it is not known yet. */
  readonly name: string | undefined
  readonly provider?: string | undefined
  readonly toolCallId?: string | undefined
  readonly nodeId?: string | undefined
  readonly namespace?: string | undefined
  /** Arguments or input, if the attributes hold it. */
  readonly input?: unknown
  /** Whether its library is known to leave such spans open when they fail: it closes with its parent then. */
  readonly leftOpen?: boolean | undefined
}

/** What a dialect finds at a span's end, beside what it recognises again. */
export interface Findings {
  readonly output?: unknown
  readonly usage?: TokenUsage | undefined
  /** US dollars that the span carries. */
  readonly cost?: number | undefined
  /** Milliseconds from the start to the first streamed chunk. */
  readonly timeToFirstChunk?: number | undefined
  /** What the model's API calls its answer: who tells of the same one tells of the same call. */
  readonly responseId?: string | undefined
  /** Usage and cost are of this very span, even if it is no model call. */
  readonly recorded?: boolean
  /** What went wrong, where attributes say so and not the span's status. */
  readonly error?: ErrorInfo | undefined
  /** What went wrong in words, for a span whose status says no more than that something did. */
  readonly errorMessage?: string | undefined
}

/** One way of describing agents in spans. Pure functions: no clock, no state. */
export interface Dialect {
  /** What the keys of its attributes begin with: spans without any such key need not be looked at. */
  readonly keys: readonly string[]
  /** Instrumentation scopes whose spans it may know without any such key. */
  readonly scopes?: readonly string[]
  /**
   * What the span is; `undefined` if this dialect does not know it, `null` if it knows that the span is nothing to
   * be told, whatever others take it for. Cheap for spans of other kinds.
   */
  recognise(facts: SpanFacts): Recognised | null | undefined
  /** The id of the conversation, thread or session that the span is a part of, under keys of this dialect's own. */
  readonly conversation?: (attributes: SpanFacts['attributes']) => unknown
  /**
   * Whether a span that is nothing by itself is the working part of the one right above it, which does not say when
   * that has failed. Asked of those alone that have, over OTLP.
   */
  readonly isPart?: (facts: SpanFacts) => boolean
  /** What its end adds. */
  conclude(facts: SpanFacts, role: SpanRole): Findings
}
