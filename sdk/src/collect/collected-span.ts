import type { SpanFacts } from '../dialect/span-facts.ts'
import type { ErrorInfo } from '../event/agent-event.ts'

/** Where a span hangs: all that is read of one that concerns no agent. */
export interface SpanPlace {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** 16 hexadecimal digits. */
  readonly spanId: string
  readonly parentSpanId: string | undefined
  /** Whether its parent is in another process, or it has none: its process began here. */
  readonly local: boolean
  /** Milliseconds since the Unix epoch, fractional. */
  readonly startMs: number
  readonly endMs: number
}

/** A span that concerns no agent, but may be what a run hangs below. */
export interface OtherSpan extends SpanPlace {
  /** Its name and its error, read only if a run needs them; may be asked for while its request is taken. */
  readonly told?: (() => RootDetail) | undefined
}

export interface RootDetail {
  readonly name: string | undefined
  readonly error: ErrorInfo | undefined
}

/** A span that has ended elsewhere. */
export interface CollectedSpan extends SpanPlace {
  readonly facts: SpanFacts
  readonly error: ErrorInfo | undefined
  /** Custom events of the run that it carries, in the order in which they happened. Default: none. */
  readonly events?: readonly CollectedEvent[] | undefined
}

/** An event of the application's own, as its span carries it. */
export interface CollectedEvent {
  readonly name: string
  /** Milliseconds since the Unix epoch, fractional. */
  readonly timestamp: number
  readonly content: unknown
}

/** One record of a live link: an event as its source stamped it. */
export interface LinkRecord {
  readonly randomId: string
  /** Names the process, and its link, that sent it. */
  readonly sourceId: string
  /** 1, 2, 3 ... per source and run. */
  readonly sourceSeq: number
  /** The event; `undefined` for a heartbeat. */
  readonly event: LinkEvent | undefined
  /** What the event takes as text. */
  readonly bytes: number
  /** Of a run's end: whether it has called other processes, so that more of it may be on its way. */
  readonly calledOut?: boolean | undefined
}

/** An event as it came over a link: its border has checked these fields, and passes on the others as they are. */
export interface LinkEvent {
  readonly type: string
  readonly nodeId: string
  readonly timestamp: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly namespace?: string
  readonly [field: string]: unknown
}
