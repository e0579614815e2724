import type { TokenUsage, Totals } from './usage.ts'

/** What every event says. Times are milliseconds; readers tolerate fields and types that they do not know. */
export interface EventBase {
  /** 1, 2, 3 ... per run and buffer, without holes, in order of arrival. */
  readonly seq: number
  /** The run: 8 to 128 of `A-Za-z0-9_-`. A name, not a secret. */
  readonly randomId: string
  /** The nearest enclosing node: for a node's own events the node itself. */
  readonly nodeId: string
  /** When it truly happened: milliseconds since the Unix epoch, fractional. */
  readonly timestamp: number
  readonly traceId: string
  /** The identity of what started or ended; never repeats within a run. */
  readonly spanId: string
  /** The nearest ancestor that has events. Absent at the root. */
  readonly parentSpanId?: string
  /** The label that scopes this event across runs. */
  readonly namespace?: string
  /** JSON Pointers of values in this event that were shortened. */
  readonly truncated?: readonly string[]
}

/** An error as far as it can be told. */
export interface ErrorInfo {
  /** The error's class or code, such as `TypeError`. */
  readonly type: string
  readonly message: string
  readonly stack?: string
}

export type NodeKind = 'agent' | 'workflow' | 'step'
export type ChunkKind = 'text' | 'reasoning' | 'data'
export type RunStatus = 'ok' | 'error' | 'cancelled' | 'abandoned'

/** The run began. Always the first event. */
export interface RunStart extends EventBase {
  readonly type: 'run.start'
  readonly name: string
  readonly input?: unknown
}

/** The run is over. Always the last event. */
export interface RunEnd extends EventBase, Totals {
  readonly type: 'run.end'
  /** Its name, if it turned out to be another than its start has said: what opens a run may come last. */
  readonly name?: string
  readonly status: RunStatus
  readonly duration: number
  readonly output?: unknown
  readonly error?: ErrorInfo
}

/** A node began to execute. */
export interface AgentStart extends EventBase {
  readonly type: 'agent.start'
  readonly nodeName: string
  readonly nodeKind: NodeKind
  /** The nearest enclosing node, whatever lies between. */
  readonly parentNodeId?: string
  readonly input?: unknown
}

/** A node completed. */
export interface AgentEnd extends EventBase, Totals {
  readonly type: 'agent.end'
  readonly nodeName: string
  readonly duration: number
  /** What it is, if it turned out to be something else than its start has said. */
  readonly nodeKind?: NodeKind
  /** The input, if it became known only after the start. */
  readonly input?: unknown
  readonly output?: unknown
  /** It never ended by itself; its run did. */
  readonly abandoned?: true
}

/** A node failed. Stands in place of its `agent.end`. */
export interface AgentError extends EventBase, Totals {
  readonly type: 'agent.error'
  readonly nodeName: string
  readonly duration: number
  /** What it is, if it turned out to be something else than its start has said. */
  readonly nodeKind?: NodeKind
  /** The input, if it became known only after the start. */
  readonly input?: unknown
  readonly error: ErrorInfo
}

/** A tool call began. */
export interface ToolStart extends EventBase {
  readonly type: 'agent.tool.start'
  readonly toolName: string
  readonly toolCallId?: string
  readonly args: unknown
}

/**
 * A tool call ended, well or with `error`. Where only its end tells that it was one, it stands in place of the
 * `agent.end` of a node that `agent.start` began.
 */
export interface ToolEnd extends EventBase {
  readonly type: 'agent.tool.end'
  readonly toolName: string
  readonly toolCallId?: string
  readonly duration: number
  /** The arguments, if they became known only after the start. */
  readonly args?: unknown
  readonly result?: unknown
  readonly error?: ErrorInfo
  readonly abandoned?: true
}

/** A model call began. */
export interface LlmStart extends EventBase {
  readonly type: 'agent.llm.start'
  readonly model: string | null
  readonly provider?: string
  readonly input?: unknown
}

/** A model call ended, well or with `error`. */
export interface LlmEnd extends EventBase {
  readonly type: 'agent.llm.end'
  readonly model: string | null
  readonly provider?: string
  readonly duration: number
  /** `null` when the call reported none. */
  readonly tokenUsage: TokenUsage | null
  /** US dollars, `null` when unknown. */
  readonly cost: number | null
  /** Milliseconds from the start to the first streamed chunk. */
  readonly timeToFirstChunk?: number
  /** The input, if it became known only after the start. */
  readonly input?: unknown
  readonly output?: unknown
  readonly error?: ErrorInfo
  readonly abandoned?: true
}

/** A piece of a streamed answer. Text chunks that follow each other closely are joined. */
export interface Chunk extends EventBase {
  readonly type: 'agent.chunk'
  /** Counts the chunk events of one span, from 0. */
  readonly index: number
  /** Text, or JSON for structured chunks. */
  readonly delta: unknown
  readonly kind: ChunkKind
}

/** Something that the application tells: `progress`, `decision_made`, ... */
export interface CustomEvent extends EventBase {
  readonly type: 'agent.event'
  readonly name: string
  readonly content: unknown
}

/** The span turned out to hang elsewhere: it arrived before its ancestors. */
export interface AgentMoved extends EventBase {
  readonly type: 'agent.moved'
}

/** Everything that happens in a run, told apart by `type`. */
export type AgentEvent =
  | RunStart
  | RunEnd
  | AgentStart
  | AgentEnd
  | AgentError
  | ToolStart
  | ToolEnd
  | LlmStart
  | LlmEnd
  | Chunk
  | CustomEvent
  | AgentMoved

/** Tells a reader that events are missing. Travels on streams only and is never stored. */
export type StreamGap =
  | {
      readonly type: 'stream.gap'
      readonly reason: 'overwritten'
      readonly from: number
      readonly to: number
    }
  | { readonly type: 'stream.gap'; readonly reason: 'restarted' }

/** Tells a reader why its stream ends. All but `completed` are to be resumed. */
export interface StreamEnd {
  readonly type: 'stream.end'
  readonly reason: 'completed' | 'max-duration' | 'too-slow' | 'disposed' | 'shutdown'
  readonly lastSeq: number
}

export type ControlRecord = StreamGap | StreamEnd
