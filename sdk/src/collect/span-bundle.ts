import type { CollectedSpan } from './collected-span.ts'
import type { OtherSpans } from './other-spans.ts'

/** What one request has brought of one trace, as it came: told apart when somebody looks at the run. */
export interface SpanBundle {
  /** 32 hexadecimal digits. */
  readonly traceId: string
  /** Spans that may concern agents. */
  readonly size: number
  /** What it holds in memory. */
  readonly bytes: number
  /** How a root that is among the spans came out; `undefined` if none of their process's roots is. */
  readonly outcome: 'ok' | 'error' | undefined
  /** Tells the spans. Called once; must not throw. */
  open(tell: (spans: readonly CollectedSpan[], others: OtherSpans) => void): void
}
