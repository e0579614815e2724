import type { ForwardRequest } from './forward-request.ts'
import { costOf, Queue, type Queued } from './queue.ts'
import type { Spool } from './spool.ts'
import { BadSpoolFile } from './spool-file.ts'

/** An accepted request. */
export interface Parcel extends Queued {
  /** What to send; read from the file where it is not held. */
  request: ForwardRequest | undefined
  /** Where it is stored, if there is a spool. */
  file: string | undefined
  /** Attempts that failed. */
  failures: number
}

// With a spool the disk may hold far more than the memory should.
const HELD_BYTES = 32 * 1024 * 1024

/** All that was accepted and is not delivered: in memory, and in the spool if there is one. */
export class Backlog {
  readonly queue: Queue<Parcel>
  #spool: Spool | undefined
  #heldBytes = 0

  constructor(maxBytes: number) {
    this.queue = new Queue(maxBytes)
  }

  /** Uses a spool from now on. @param leftovers - What it holds already: it is delivered first. */
  attach(
    spool: Spool,
    leftovers: readonly { file: string; bytes: number; acceptedAt: number }[],
  ): void {
    this.#spool = spool
    for (const { file, bytes, acceptedAt } of leftovers) {
      const cost = costOf(bytes)
      const parcel: Parcel = { cost, acceptedAt, request: undefined, file, failures: 0 }
      this.queue.admit(parcel)
      this.queue.push(parcel)
    }
  }

  /** Takes a request that fits. Resolves when it is safe. @throws Error of the system, and nothing is kept then. */
  async keep(request: ForwardRequest, acceptedAt: number): Promise<void> {
    const cost = costOf(request.body.length)
    const parcel: Parcel = { cost, acceptedAt, request, file: undefined, failures: 0 }
    this.queue.admit(parcel)
    if (this.#spool !== undefined) {
      try {
        parcel.file = await this.#spool.store(request, acceptedAt)
      } catch (error) {
        this.queue.remove(parcel)
        throw error
      }
      if (this.#heldBytes + cost > HELD_BYTES) parcel.request = undefined
    }
    if (parcel.request !== undefined) this.#heldBytes += cost
    this.queue.push(parcel)
  }

  /** What to send. @throws BadSpoolFile if its file is damaged, else what the system says. */
  async requestOf(parcel: Parcel): Promise<ForwardRequest> {
    const { request, file } = parcel
    if (request !== undefined) return request
    if (file === undefined || this.#spool === undefined) throw new BadSpoolFile('it has no file')
    return this.#spool.load(file)
  }

  /** Forgets a parcel, and its file. @throws Error of the system if the file stays; the parcel is forgotten even so. */
  async remove(parcel: Parcel): Promise<void> {
    try {
      if (parcel.file !== undefined) await this.#spool?.remove(parcel.file)
    } finally {
      this.#forget(parcel)
    }
  }

  /** Forgets a parcel that cannot be read, and keeps its file under another name. @returns that name. */
  async setAside(parcel: Parcel): Promise<string> {
    const { file = '' } = parcel
    try {
      return (await this.#spool?.setAside(file)) ?? file
    } finally {
      this.#forget(parcel)
    }
  }

  /** Waits for what is being stored, and gives the spool back. */
  async close(): Promise<void> {
    await this.#spool?.close()
  }

  #forget(parcel: Parcel): void {
    if (parcel.request !== undefined) this.#heldBytes -= parcel.cost
    this.queue.remove(parcel)
  }
}
