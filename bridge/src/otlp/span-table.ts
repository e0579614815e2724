/** What is kept of a span: where in the body its parts lie. -1 stands for a part that is not there. */
export interface SpanRow {
  traceAt: number
  spanAt: number
  parentAt: number
  startAt: number
  endAt: number
  nameAt: number
  nameEnd: number
  flags: number
  /** The span's own bytes. */
  from: number
  to: number
  /** The number of the scope that it came in. */
  scope: number
  agentic: boolean
  /** Whether it has a key that may say what it cannot be folded without. */
  telling: boolean
}

/** Bytes of a part of the body; nothing if `from` is -1. */
export interface Range {
  from: number
  to: number
}

/** The scope of some spans, and where its resource stands. */
export interface ScopeEntry extends Range {
  readonly resource: Range
}

const COLUMNS = 12
/** Where it says what the span is, in bits. */
const MARKS = 11
const AGENTIC = 1
const TELLING = 2
const SMALLEST_SPANS = 64
/** Bytes of a span that is neither small nor large: room for so many is made at once. */
const USUAL_SPAN_BYTES = 256

/** The spans of one request as numbers, so that a request of very small spans costs no more than about its own size. */
export class SpanTable {
  #cells: Int32Array
  /** Scopes that have spans. */
  readonly scopes: ScopeEntry[] = []
  size = 0
  agentic = 0
  rejected = 0

  /** @param bytes - Those of the body. */
  constructor(bytes: number) {
    const spans = Math.max(SMALLEST_SPANS, Math.ceil(bytes / USUAL_SPAN_BYTES))
    this.#cells = new Int32Array(spans * COLUMNS)
  }

  add(row: Readonly<SpanRow>): void {
    const at = this.size * COLUMNS
    if (at === this.#cells.length) {
      const larger = new Int32Array(at * 2)
      larger.set(this.#cells)
      this.#cells = larger
    }
    const cells = this.#cells
    cells[at] = row.traceAt
    cells[at + 1] = row.spanAt
    cells[at + 2] = row.parentAt
    cells[at + 3] = row.startAt
    cells[at + 4] = row.endAt
    cells[at + 5] = row.nameAt
    cells[at + 6] = row.nameEnd
    cells[at + 7] = row.flags
    cells[at + 8] = row.from
    cells[at + 9] = row.to
    cells[at + 10] = row.scope
    cells[at + MARKS] = (row.agentic ? AGENTIC : 0) | (row.telling ? TELLING : 0)
    this.size++
    if (row.agentic) this.agentic++
  }

  /** Of all spans from this one on, says that they are agentic: their scope is. */
  markFrom(index: number): void {
    const cells = this.#cells
    for (let at = index * COLUMNS; at < this.size * COLUMNS; at += COLUMNS) {
      const marks = cells[at + MARKS] as number
      if ((marks & AGENTIC) === 0) this.agentic++
      cells[at + MARKS] = marks | AGENTIC
    }
  }

  isAgentic(index: number): boolean {
    return ((this.#cells[index * COLUMNS + MARKS] as number) & AGENTIC) !== 0
  }

  isTelling(index: number): boolean {
    return ((this.#cells[index * COLUMNS + MARKS] as number) & TELLING) !== 0
  }

  /** Where in the body the span's trace id stands. */
  traceAt(index: number): number {
    return this.#cells[index * COLUMNS] as number
  }

  /** Where that of its parent stands; -1 if it has none. */
  parentAt(index: number): number {
    return this.#cells[index * COLUMNS + 2] as number
  }

  flags(index: number): number {
    return this.#cells[index * COLUMNS + 7] as number
  }

  /** Where its own bytes begin. */
  from(index: number): number {
    return this.#cells[index * COLUMNS + 8] as number
  }

  to(index: number): number {
    return this.#cells[index * COLUMNS + 9] as number
  }

  scope(index: number): ScopeEntry {
    // Every row was added together with its scope.
    return this.scopes[this.#cells[index * COLUMNS + 10] as number] as ScopeEntry
  }

  /** @throws RangeError if there is no such span. */
  read(index: number, into: SpanRow): void {
    if (!(index >= 0 && index < this.size)) {
      throw new RangeError(`Expected a span from 0 to ${this.size - 1}, got ${index}.`)
    }
    const at = index * COLUMNS
    const cells = this.#cells
    into.traceAt = cells[at] as number
    into.spanAt = cells[at + 1] as number
    into.parentAt = cells[at + 2] as number
    into.startAt = cells[at + 3] as number
    into.endAt = cells[at + 4] as number
    into.nameAt = cells[at + 5] as number
    into.nameEnd = cells[at + 6] as number
    into.flags = cells[at + 7] as number
    into.from = cells[at + 8] as number
    into.to = cells[at + 9] as number
    into.scope = cells[at + 10] as number
    const marks = cells[at + MARKS] as number
    into.agentic = (marks & AGENTIC) !== 0
    into.telling = (marks & TELLING) !== 0
  }
}

export function emptyRow(): SpanRow {
  return {
    traceAt: -1,
    spanAt: -1,
    parentAt: -1,
    startAt: -1,
    endAt: -1,
    nameAt: 0,
    nameEnd: 0,
    flags: 0,
    from: 0,
    to: 0,
    scope: 0,
    agentic: false,
    telling: false,
  }
}
