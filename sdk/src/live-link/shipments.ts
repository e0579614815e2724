import type { Entry } from '../observer/entry.ts'
import { sayOnce } from '../say-once.ts'
import type { Heartbeats } from './heartbeats.ts'
import type { LinkQueue } from './link-queue.ts'
import type { LinkRun } from './link-run.ts'
import { requestFrame } from './log-record.ts'
import type { RingReplay } from './ring-replay.ts'

// A request is made in one go: longer ones would be felt in the host.
const MAX_BYTES = 256 * 1024
const MAX_RECORDS = 1000

/** One request: what it says, and what its answer means. */
export interface Shipment {
  /** OTLP logs as JSON. */
  readonly body: string
  /** It was taken. @returns how many events went out for the first time. */
  taken(): number
  /** It has to be sent again. */
  again(): void
  /** It will never be taken. */
  refused(): void
}

/** Makes requests of what waits: first the rings that are sent again, then events, then signs of life. */
export class Shipments {
  readonly #queue: LinkQueue
  readonly #replay: RingReplay
  readonly #heartbeats: Heartbeats
  readonly #frame: { readonly start: string; readonly end: string }
  #stopped = false
  #greeted = false

  constructor(
    queue: LinkQueue,
    replay: RingReplay,
    heartbeats: Heartbeats,
    serviceName: string | undefined,
  ) {
    this.#queue = queue
    this.#replay = replay
    this.#heartbeats = heartbeats
    this.#frame = requestFrame(serviceName)
  }

  /** From here on there is nothing more to send. */
  stop(): void {
    this.#stopped = true
  }

  /** The next request; `undefined` if nothing waits. */
  next(): Shipment | undefined {
    this.#greeted = false
    if (this.#stopped) return undefined
    return this.#replay.waiting ? this.#replayed() : this.#queued()
  }

  /** A request without records, to hear who answers; then the next one, since it is enough to ask once. */
  greeting(): Shipment | undefined {
    if (this.#greeted || this.#stopped) return this.next()
    const greeted = (): void => {
      this.#greeted = true
    }
    return {
      body: '{"resourceLogs":[]}',
      taken: () => {
        greeted()
        return 0
      },
      again: () => {},
      refused: greeted,
    }
  }

  #replayed(): Shipment | undefined {
    const records = new Records()
    const move = this.#replay.read((run, entry) => {
      records.add(recordOf(run, entry))
      return !records.full
    })
    if (records.empty) {
      // Its rings held nothing to send.
      move()
      return this.next()
    }
    return {
      body: records.within(this.#frame),
      taken: () => {
        move()
        return 0
      },
      again: () => {},
      refused: move,
    }
  }

  #queued(): Shipment | undefined {
    const records = new Records()
    while (!records.full) {
      const next = this.#queue.take()
      if (next === undefined) break
      records.add(recordOf(next.run, next.entry))
    }
    while (!records.full) {
      const run = this.#heartbeats.take()
      if (run === undefined) break
      records.add(run.heartbeat())
    }
    if (records.empty) {
      this.#queue.lose()
      return undefined
    }
    return {
      body: records.within(this.#frame),
      taken: () => this.#queue.delivered(),
      again: () => this.#queue.putBack(),
      refused: () => this.#queue.lose(),
    }
  }
}

/** The records of one request. */
class Records {
  readonly #texts: string[] = []
  #bytes = 0

  get empty(): boolean {
    return this.#texts.length === 0
  }

  get full(): boolean {
    return this.#bytes >= MAX_BYTES || this.#texts.length >= MAX_RECORDS
  }

  add(text: string | undefined): void {
    if (text === undefined) return
    this.#texts.push(text)
    this.#bytes += text.length
  }

  within({ start, end }: { readonly start: string; readonly end: string }): string {
    return start + this.#texts.join(',') + end
  }
}

/** An event that cannot be told must not hold up the others: its number stays a hole. */
function recordOf(run: LinkRun, entry: Entry): string | undefined {
  try {
    return run.recordOf(entry)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    sayOnce('SPANCAST_EVENT_UNREADABLE', `An event could not be written as JSON: ${reason}.`)
    return undefined
  }
}
