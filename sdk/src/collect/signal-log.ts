import { BoundedMap } from './bounded-map.ts'
import { SpanKeys } from './span-keys.ts'

/**
 * `run` is the start of a span as that of its run: a span that is a node too starts as that as well. `events` are all
 * those that the span carries itself.
 */
export type Signal = 'run' | 'start' | 'end' | 'events'
/** How a signal came. */
type Teller = 'link' | 'span'

// Spans come seconds after the link: so many may be under way in between.
const MAX_SPANS = 20_000

const BIT = { start: 1, end: 2, run: 4, events: 8 } as const
/** Moves a signal's bit to where it says that a span has told it. */
const BY_SPAN = 4

/** Which of its signals have come, for each span. */
export class SignalLog {
  /** How the spans of the run are named, here and wherever else they are kept. */
  readonly keys: SpanKeys = new SpanKeys()
  readonly #seen = new BoundedMap<string, number>(MAX_SPANS)

  /** @returns `new` for the first one; `told-by-span` for a link's that a span came before, once; else `repeated`. */
  take(
    traceId: string,
    spanId: string,
    signal: Signal,
    teller: Teller,
  ): 'new' | 'told-by-span' | 'repeated' {
    const key = this.keys.of(traceId, spanId)
    const seen = this.#seen.get(key) ?? 0
    const bit = BIT[signal]
    if ((seen & bit) === 0) {
      this.#seen.set(key, seen | bit | (teller === 'span' ? bit << BY_SPAN : 0))
      return 'new'
    }
    if (teller === 'span' || (seen & (bit << BY_SPAN)) === 0) return 'repeated'
    this.#seen.set(key, seen & ~(bit << BY_SPAN))
    return 'told-by-span'
  }

  has(traceId: string, spanId: string, signal: Signal): boolean {
    return ((this.#seen.get(this.keys.of(traceId, spanId)) ?? 0) & BIT[signal]) !== 0
  }
}
