import type { ErrorInfo, NodeKind, RunStatus } from '../../event/agent-event.ts'
import type { TokenUsage } from '../../event/usage.ts'
import type { ChunkLink } from './chunk-chain.ts'
import { SortedList } from './sorted-list.ts'

/** What a span is; `unknown` while nothing but its children, chunks or custom events has been seen of it. */
export type SpanKind = NodeKind | 'tool' | 'llm' | 'unknown'

/** One span as far as it has been seen: its start, its end, or neither may be missing. Times are milliseconds. */
export interface SpanState {
  readonly spanId: string
  /** The nearest ancestor that has events; `undefined` at a root. */
  readonly parentSpanId: string | undefined
  readonly traceId: string
  readonly nodeId: string
  readonly namespace: string | undefined
  readonly kind: SpanKind
  /** Of the node or tool; of a model call its model. Empty while it is not known. */
  readonly name: string
  /**
   * `running` until its end has been seen, also if that was lost: `spanStatus` tells those apart. `cancelled` is told
   * of a run's root alone.
   */
  readonly status: 'running' | RunStatus
  /** Since the Unix epoch; `undefined` if the start was lost. */
  readonly startedAt: number | undefined
  readonly endedAt: number | undefined
  readonly duration: number | undefined
  /** A node's or model call's input, a tool's arguments. */
  readonly input: unknown
  /** A node's or model call's output, a tool's result. */
  readonly output: unknown
  readonly error: ErrorInfo | undefined
  readonly provider: string | undefined
  readonly toolCallId: string | undefined
  /** Of a model call its own usage, of a node that has ended the sum of its subtree; `null` if not known. */
  readonly tokenUsage: TokenUsage | null
  /** US dollars, as `tokenUsage`. */
  readonly cost: number | null
  /** Model calls of the subtree without a price. */
  readonly unpricedCalls: number
  /** Model calls of the subtree without usage. */
  readonly unmeteredCalls: number
  /** Milliseconds to the first streamed chunk, of a model call that has ended. */
  readonly timeToFirstChunk: number | undefined
  /** What it streamed as text: the first `MAX_TEXT` characters, and the chunk that passes them. */
  readonly text: string
  /** What it streamed as reasoning. */
  readonly reasoning: string
  /** Chunk events of every kind. */
  readonly chunks: number
  /** JSON Pointers of values in its start and end that were shortened. */
  readonly truncated: readonly string[]
  /** The spans directly below, in the order in which they were first seen. */
  readonly childIds: SortedList<string>
  /** Its place among its siblings: the lowest `seq` that it was seen at. For the reducer. */
  readonly order: number
  /** The lowest `seq` of its text; `undefined` if it streamed none. For the reducer. */
  readonly textFrom: number | undefined
  /** The lowest `seq` that told a failure; `undefined` if none did. For the reducer. */
  readonly failedAt: number | undefined
  /** The `seq` that told which kind of node it is, 0 if none did. For the reducer. */
  readonly kindFrom: number
  /** The `seq` that told its parent. For the reducer. */
  readonly placedAt: number
  /** What `text` and `reasoning` were put together from. For the reducer. */
  readonly textLinks: ChunkLink | undefined
  readonly reasoningLinks: ChunkLink | undefined
}

/** Characters kept of the text and of the reasoning of one span. */
export const MAX_TEXT: number = 4 * 1024 * 1024

const NO_CHILDREN: SortedList<string> = SortedList.of()
const NOTHING: readonly string[] = Object.freeze([])

/** A span of which nothing has been seen but that an event speaks of it. */
export function unseenSpan(spanId: string, traceId: string, order: number): SpanState {
  return {
    spanId,
    parentSpanId: undefined,
    traceId,
    nodeId: spanId,
    namespace: undefined,
    kind: 'unknown',
    name: '',
    status: 'running',
    startedAt: undefined,
    endedAt: undefined,
    duration: undefined,
    input: undefined,
    output: undefined,
    error: undefined,
    provider: undefined,
    toolCallId: undefined,
    tokenUsage: null,
    cost: null,
    unpricedCalls: 0,
    unmeteredCalls: 0,
    timeToFirstChunk: undefined,
    text: '',
    reasoning: '',
    chunks: 0,
    truncated: NOTHING,
    childIds: NO_CHILDREN,
    order,
    textFrom: undefined,
    failedAt: undefined,
    kindFrom: 0,
    placedAt: 0,
    textLinks: undefined,
    reasoningLinks: undefined,
  }
}
