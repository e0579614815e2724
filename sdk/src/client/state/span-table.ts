import type { SpanState } from './span-state.ts'

// An update copies one page and the list of pages.
const PAGE = 128

/**
 * The spans of a run by their ids, in the order in which they were first heard of. A table never changes; `set` gives
 * the next one, which shares nearly all of its memory.
 */
export class SpanTable implements Iterable<SpanState> {
  readonly size: number
  /** Only ever added to, by the newest table: an older one does not look beyond its own size. */
  readonly #places: Map<string, number>
  readonly #pages: readonly (readonly SpanState[])[]

  private constructor(
    places: Map<string, number>,
    pages: readonly (readonly SpanState[])[],
    size: number,
  ) {
    this.#places = places
    this.#pages = pages
    this.size = size
  }

  static empty(): SpanTable {
    return new SpanTable(new Map(), [], 0)
  }

  get(spanId: string): SpanState | undefined {
    const place = this.#places.get(spanId)
    if (place === undefined || place >= this.size) return undefined
    return this.#pages[Math.floor(place / PAGE)]?.[place % PAGE]
  }

  /** This table with that span in it, in place of the one with its id. */
  set(span: SpanState): SpanTable {
    const found = this.#places.get(span.spanId)
    const isNew = found === undefined || found >= this.size
    const place = isNew ? this.size : found
    const at = Math.floor(place / PAGE)
    const page = [...(this.#pages[at] ?? [])]
    page[place % PAGE] = span
    const pages = [...this.#pages]
    pages[at] = page
    return new SpanTable(
      isNew ? this.#placesWith(span.spanId) : this.#places,
      pages,
      isNew ? place + 1 : this.size,
    )
  }

  *[Symbol.iterator](): Generator<SpanState, void> {
    for (const page of this.#pages) yield* page
  }

  #placesWith(spanId: string): Map<string, number> {
    // Somebody else has gone on from this table: the map is theirs.
    const taken = this.#places.size > this.size
    const places = taken ? new Map([...this.#places].slice(0, this.size)) : this.#places
    return places.set(spanId, this.size)
  }
}
