import type { Entry } from './entry.ts'
import { Ring } from './ring.ts'

/** A stretch of which some or all is gone. */
export interface Gap {
  readonly from: number
  readonly to: number
}

/** Where what is kept of a run begins, for those who keep a copy. */
export interface Kept {
  /** The oldest event; one above the newest if there is none. */
  readonly firstEvent: number
  /** The oldest chunk. */
  readonly firstChunk: number
  /** The newest that is gone; 0 if nothing is. */
  readonly lostTo: number
}

export interface EventLogLimits {
  /** Events kept. Default 1 000. */
  readonly maxEvents: number
  /** Streamed chunks kept beside them. Default 1 000. */
  readonly maxChunks: number
  /** Estimated bytes kept; chunks go first, then the oldest events. Default 16 MiB. */
  readonly maxRunBytes: number
}

/**
 * What is kept of one run: structure in one ring and streamed talk in another, so that a long answer does not push
 * the tree out; readers see both merged by `seq`.
 */
export class EventLog {
  readonly #structure: Ring
  readonly #maxChunks: number
  /** Made with the first chunk: most runs never stream. */
  #talk: Ring | undefined
  readonly #maxBytes: number
  #bytes = 0
  #lastSeq = 0
  #evictedTo = 0
  #evicted = 0

  constructor(limits: EventLogLimits) {
    this.#structure = new Ring(limits.maxEvents)
    this.#maxChunks = limits.maxChunks
    this.#maxBytes = limits.maxRunBytes
  }

  get bytes(): number {
    return this.#bytes
  }

  get lastSeq(): number {
    return this.#lastSeq
  }

  /** Events that are no longer kept. */
  get evicted(): number {
    return this.#evicted
  }

  /** Where what is kept begins. */
  get kept(): Kept {
    const beyond = this.#lastSeq + 1
    return {
      firstEvent: this.#structure.at(0)?.seq ?? beyond,
      firstChunk: this.#talk?.at(0)?.seq ?? beyond,
      lostTo: this.#evictedTo,
    }
  }

  /** Appends an entry whose `seq` is one above the last. `talk` chooses the ring. */
  append(entry: Entry, talk: boolean): void {
    this.#lastSeq = entry.seq
    this.#bytes += entry.bytes
    if (talk) this.#talk ??= new Ring(this.#maxChunks)
    const ring = talk && this.#talk !== undefined ? this.#talk : this.#structure
    const evicted = ring.push(entry)
    if (evicted !== undefined) this.#forget(evicted)
    if (this.#bytes > this.#maxBytes) this.#shrink()
  }

  /** What is kept with a `seq` above `after`, in order, at most `limit`. */
  after(after: number, limit: number = Number.POSITIVE_INFINITY): Entry[] {
    const found: Entry[] = []
    let s = this.#structure.indexAfter(after)
    const talkRing = this.#talk
    let t = talkRing?.indexAfter(after) ?? 0
    while (found.length < limit) {
      const structure = this.#structure.at(s)
      const talk = talkRing?.at(t)
      if (structure === undefined && talk === undefined) break
      if (talk === undefined || (structure !== undefined && structure.seq < talk.seq)) {
        if (structure !== undefined) found.push(structure)
        s++
      } else {
        found.push(talk)
        t++
      }
    }
    return found
  }

  /** How many entries are kept with `from <= seq <= to`. */
  count(from: number, to: number): number {
    const structure = countIn(this.#structure, from, to)
    return this.#talk === undefined ? structure : structure + countIn(this.#talk, from, to)
  }

  /** What a reader that has seen `after` can no longer get; `undefined` if it can get everything. */
  gapAfter(after: number): Gap | undefined {
    if (after >= this.#evictedTo) return undefined
    let from = after + 1
    while (from <= this.#evictedTo && this.count(from, from) === 1) from++
    return from > this.#evictedTo ? undefined : { from, to: this.#evictedTo }
  }

  /** Drops everything; `lastSeq` stays. */
  clear(): void {
    for (const ring of [this.#talk, this.#structure]) {
      for (let entry = ring?.shift(); entry !== undefined; entry = ring?.shift()) {
        this.#forget(entry)
      }
    }
  }

  /** Talk goes first; the newest entry stays. */
  #shrink(): void {
    for (const ring of [this.#talk, this.#structure]) {
      while (ring !== undefined && this.#bytes > this.#maxBytes) {
        if (ring.at(0)?.seq === this.#lastSeq) break
        const entry = ring.shift()
        if (entry === undefined) break
        this.#forget(entry)
      }
    }
  }

  #forget(entry: Entry): void {
    this.#bytes -= entry.bytes
    this.#evicted++
    if (entry.seq > this.#evictedTo) this.#evictedTo = entry.seq
  }
}

function countIn(ring: Ring, from: number, to: number): number {
  return ring.indexAfter(to) - ring.indexAfter(from - 1)
}
