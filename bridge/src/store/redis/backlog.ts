import type { RunLimits } from '@spancast/sdk'
import { type Entry, isTalk } from '@spancast/sdk/internal'

/** An entry as it is sent. */
export interface Parcel {
  readonly seq: number
  readonly type: string
  readonly namespace: string | undefined
  readonly chunk: boolean
  readonly json: string
}

const BATCH = 256
const BATCH_BYTES = 1024 * 1024

/** What of a run has yet to be written, in order. */
export class Backlog {
  #entries: Entry[] = []
  /** Estimated. */
  #bytes = 0

  get empty(): boolean {
    return this.#entries.length === 0
  }

  /** The number of the last entry; `undefined` if there is none. */
  get lastSeq(): number | undefined {
    return this.#entries.at(-1)?.seq
  }

  /** Whether it is more than the run's own ring would keep. */
  exceeds({ maxEvents, maxChunks, maxRunBytes }: RunLimits): boolean {
    return this.#entries.length > 2 * (maxEvents + maxChunks) || this.#bytes > 2 * maxRunBytes
  }

  push(entry: Entry): void {
    this.#entries.push(entry)
    this.#bytes += entry.bytes
  }

  /** Only these wait from now on. @param entries - Not to be changed by others. */
  replace(entries: Entry[]): void {
    this.#entries = entries
    this.#bytes = entries.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Entries up to this number wait no more. */
  dropTo(seq: number): void {
    this.replace(this.#entries.filter((entry) => entry.seq > seq))
  }

  /** The first of them, as many as are sent at once. */
  batch(): Parcel[] {
    const batch: Parcel[] = []
    let bytes = 0
    for (const entry of this.#entries) {
      const parcel = parcelOf(entry)
      batch.push(parcel)
      bytes += parcel.json.length
      if (batch.length === BATCH || bytes > BATCH_BYTES) break
    }
    return batch
  }
}

function parcelOf(entry: Entry): Parcel {
  // Before its text is made, after which the event would be parsed from it.
  const { seq, type, event } = entry
  const [chunk, namespace] = [isTalk(event), event.namespace]
  return { seq, type, namespace, chunk, json: entry.json }
}
