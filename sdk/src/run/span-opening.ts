import type { Recognised, SpanFacts } from '../dialect/span-facts.ts'
import type { ErrorInfo } from '../event/agent-event.ts'
import type { Captured } from '../event/content.ts'

/** A recognised span that started. */
export interface SpanOpening {
  readonly traceId: string
  readonly spanId: string
  readonly is: Recognised
  /** Milliseconds since the Unix epoch. */
  readonly timestamp: number
  readonly input: Captured | undefined
  /** Whether our own wrapper opened it. */
  readonly own: boolean
  /** Whether its run stands and falls with it. */
  readonly root: boolean
  /** Whether a run that it is the first of begins at it, though it may not stand and fall with it. Default `root`. */
  readonly top?: boolean
  /** Whether it may never end, and then closes with its parent. Default false. */
  readonly leftOpen?: boolean | undefined
  /** The caller's span, where another process has opened the run. */
  readonly remoteParentId?: string | undefined
}

/** What is known of a recognised span when it ends. */
export interface SpanClosing {
  readonly facts: SpanFacts
  /** What these facts were recognised as, where that was asked already. */
  readonly recognised?: Recognised | undefined
  /** Milliseconds. */
  readonly duration: number
  readonly output: Captured | undefined
  readonly error: ErrorInfo | undefined
  readonly cancelled: boolean
  readonly abandoned: boolean
}
