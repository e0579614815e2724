import { BoundedMap } from './bounded-map.ts'

/** Who told of an event: the live link, or the span that carries it too. */
type Teller = 'link' | 'span'

interface Told {
  readonly name: string
  readonly timestamp: number
  readonly by: Teller
}

// Spans come seconds after the link, and long-lived ones later.
const MAX_SPANS = 5000
const MAX_EVENTS = 20_000
const MAX_EVENTS_OF_SPAN = 1000
/** A link stamps an event by the clock of the system, a span by one of its own, which may have run apart. */
const CLOCKS_APART_MS = 1000

/**
 * Custom events of spans, which a live link tells when they happen and their span once more at its end. They have no
 * ids: one is another's twin if it has the same name at about the same time, and the other way has told it.
 */
export class ToldEvents {
  readonly #bySpan = new BoundedMap<string, Told[]>(MAX_SPANS, MAX_EVENTS)

  /** @returns whether it is new: no twin has come the other way. Each twin answers once. */
  take(span: string, by: Teller, name: string, timestamp: number): boolean {
    const told = this.#bySpan.get(span) ?? []
    const twin = told.findIndex(
      (other) =>
        other.by !== by &&
        other.name === name &&
        Math.abs(other.timestamp - timestamp) <= CLOCKS_APART_MS,
    )
    if (twin >= 0) {
      told.splice(twin, 1)
      return false
    }
    if (told.length === MAX_EVENTS_OF_SPAN) told.shift()
    told.push({ name, timestamp, by })
    this.#bySpan.set(span, told, 1)
    return true
  }
}
