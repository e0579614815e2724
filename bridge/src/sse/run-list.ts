import type { RunStore } from '../store/run-store.ts'
import type { Carried, StreamEdge } from './connection.ts'
import { dataFrame } from './frame.ts'
import type { Delivered, ReaderLimits } from './reader.ts'

/** What a list stream reads. */
export type ListSource = Pick<RunStore, 'list' | 'summary' | 'watchRuns'>

// At most one change a second of each run.
const EVERY_MS = 1000
const FIRST_MS = 20
const PAGE = 200

/** The changes of all runs for all readers of the list: gathered, and told once a second at most. */
export class RunList {
  readonly source: ListSource
  readonly #onIdle: () => void
  readonly #unwatch: () => void
  readonly #readers = new Set<ListReader>()
  readonly #changed = new Set<string>()
  #timer: ReturnType<typeof setTimeout> | undefined
  #toldAt = Number.NEGATIVE_INFINITY

  /** @param onIdle - Called when the last reader has left: it is over then. */
  constructor(source: ListSource, onIdle: () => void) {
    this.source = source
    this.#onIdle = onIdle
    this.#unwatch = source.watchRuns((randomId) => {
      this.#changed.add(randomId)
      this.tellSoon()
    })
  }

  attach(reader: ListReader): void {
    this.#readers.add(reader)
  }

  detach(reader: ListReader): void {
    if (!this.#readers.delete(reader) || this.#readers.size > 0) return
    this.#unwatch()
    clearTimeout(this.#timer)
    this.#onIdle()
  }

  /** Tells what has changed as soon as the last telling is a second ago. */
  tellSoon(): void {
    if (this.#timer !== undefined) return
    const wait = Math.max(FIRST_MS, this.#toldAt + EVERY_MS - performance.now())
    this.#timer = setTimeout(() => void this.#tell(), wait)
    this.#timer.unref?.()
  }

  /** The frame of a run as it stands; `undefined` if it has not begun or is gone. */
  async frameOf(randomId: string): Promise<Buffer | undefined> {
    const summary = await this.source.summary(randomId)
    if (summary === undefined || summary.lastSeq === 0) return undefined
    return Buffer.from(dataFrame(JSON.stringify(summary)))
  }

  async #tell(): Promise<void> {
    this.#toldAt = performance.now()
    const changed = [...this.#changed]
    this.#changed.clear()
    const wanted = new Set(changed)
    for (const reader of this.#readers) for (const id of reader.missed) wanted.add(id)
    const frames = await this.#framesOf([...wanted])
    this.#timer = undefined
    let again = this.#changed.size > 0
    for (const reader of this.#readers) {
      reader.changed(changed, frames)
      again ||= reader.missed.size > 0
    }
    if (again && this.#readers.size > 0) this.tellSoon()
  }

  /** A store that is away for a moment has no frames; the next change of a run brings it back. */
  async #framesOf(ids: readonly string[]): Promise<Map<string, Buffer>> {
    const frames = new Map<string, Buffer>()
    const found = await Promise.allSettled(ids.map((id) => this.frameOf(id)))
    found.forEach((result, at) => {
      const id = ids[at]
      const bytes = result.status === 'fulfilled' ? result.value : undefined
      if (id !== undefined && bytes !== undefined) frames.set(id, bytes)
    })
    return frames
  }
}

/** One reader of the list: all runs first, then those that change. One that lags gets the newest state of each. */
export class ListReader implements Carried {
  readonly lastSeq = 0
  readonly lastSeenAt: undefined
  /** Runs whose change it could not be told yet. */
  readonly missed: Set<string> = new Set()
  readonly #list: RunList
  readonly #edge: StreamEdge
  readonly #limits: ReaderLimits
  readonly #delivered: Delivered
  #phase: 'all' | 'changes' | 'over' = 'all'
  #stuckSince = 0

  constructor(list: RunList, edge: StreamEdge, limits: ReaderLimits, delivered: Delivered) {
    this.#list = list
    this.#edge = edge
    this.#limits = limits
    this.#delivered = delivered
  }

  /** Sends all runs, page by page, as the reader takes them. */
  async start(): Promise<void> {
    this.#list.attach(this)
    let cursor: string | undefined
    do {
      const page = await this.#list.source.list({ limit: PAGE, cursor })
      if (this.#phase === 'over') return
      const frames = page.runs.map((summary) => dataFrame(JSON.stringify(summary)))
      if (frames.length > 0) this.#write(Buffer.from(frames.join('')), frames.length)
      await this.#drained()
      cursor = page.next ?? undefined
    } while (cursor !== undefined && !this.#isOver())
    if (this.#isOver()) return
    this.#phase = 'changes'
    if (this.missed.size > 0) this.#list.tellSoon()
  }

  /** Takes changes, and what it has missed before; keeps in mind what it cannot take now. */
  changed(ids: readonly string[], frames: ReadonlyMap<string, Buffer>): void {
    for (const id of ids) this.missed.add(id)
    if (this.#phase === 'all' || this.#edge.sink.waiting > 0) return
    const own: Buffer[] = []
    for (const id of this.missed) {
      const bytes = frames.get(id)
      if (bytes !== undefined) own.push(bytes)
    }
    this.missed.clear()
    this.#stuckSince = 0
    if (own.length > 0) this.#write(Buffer.concat(own), own.length)
  }

  tooSlow(now: number): boolean {
    if (this.#phase !== 'changes' || this.#edge.sink.waiting === 0) this.#stuckSince = 0
    else if (this.#stuckSince === 0) this.#stuckSince = now
    return this.#stuckSince !== 0 && now - this.#stuckSince > this.#limits.maxReaderLagMs
  }

  closed(): void {
    this.#phase = 'over'
    this.#list.detach(this)
  }

  #isOver(): boolean {
    return this.#phase === 'over'
  }

  #drained(): Promise<void> {
    const { sink } = this.#edge
    if (sink.waiting === 0) return Promise.resolve()
    return new Promise((resolve) => sink.whenDrained(resolve))
  }

  #write(bytes: Buffer, summaries: number): void {
    this.#delivered.events += summaries
    this.#delivered.bytes += bytes.length
    this.#edge.sink.write(bytes)
  }
}
