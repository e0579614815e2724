import type { Backlog, Parcel } from './backlog.ts'
import type { Backoff } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { ForwardCounts } from './forward-counts.ts'
import type { ForwardRequest } from './forward-request.ts'
import type { Gate } from './gate.ts'
import type { Notices } from './notices.ts'
import { retryAfterMs } from './retry-after.ts'
import { BadSpoolFile } from './spool-file.ts'
import type { Answer, Upstream } from './upstream.ts'

export interface DeliveryOptions {
  readonly backlog: Backlog
  readonly upstream: Upstream
  readonly gate: Gate
  readonly backoff: Backoff
  readonly clock: Clock
  readonly counts: ForwardCounts
  readonly notices: Notices
  /** Whether the process must stay for a request that rests. */
  readonly keepsAlive: boolean
  /** Called after each attempt. */
  readonly onSettled: () => void
}

/** The statuses that the OTLP specification calls retryable: all others but 2xx are final. */
const RETRYABLE = new Set([429, 502, 503, 504])

/** Takes requests out of the backlog and to the upstream, until it has answered each. */
export class Delivery {
  readonly #options: DeliveryOptions
  /** Those that wait alone after a failure of theirs, and how to end it. */
  readonly #resting = new Map<Parcel, () => void>()
  #inFlight = 0
  #isStopped = false
  #whenStill = (): void => {}

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  get inFlight(): number {
    return this.#inFlight
  }

  /** Sends what may be sent now. */
  pump(): void {
    const { gate, backlog } = this.#options
    while (!this.#isStopped && gate.admits(this.#inFlight)) {
      const parcel = backlog.queue.take()
      if (parcel === undefined) return
      this.#inFlight++
      void this.#deliver(parcel)
    }
  }

  /** Ends all waits: tries at once what would be tried later. */
  hurry(): void {
    for (const [parcel, cancel] of this.#resting) {
      cancel()
      this.#options.backlog.queue.push(parcel)
    }
    this.#resting.clear()
    this.#options.gate.hurry()
    this.pump()
  }

  /** Cuts what is in flight and sends nothing more. All that has no answer stays in the backlog. */
  async stop(): Promise<void> {
    const { gate, upstream } = this.#options
    this.#isStopped = true
    for (const cancel of this.#resting.values()) cancel()
    this.#resting.clear()
    gate.shut()
    upstream.close()
    if (this.#inFlight === 0) return
    await new Promise<void>((resolve) => {
      this.#whenStill = resolve
    })
  }

  async #deliver(parcel: Parcel): Promise<void> {
    const request = await this.#read(parcel)
    if (request !== undefined) await this.#settle(parcel, request, await this.#send(request))
    this.#inFlight--
    this.pump()
    this.#options.onSettled()
    if (this.#inFlight === 0) this.#whenStill()
  }

  async #read(parcel: Parcel): Promise<ForwardRequest | undefined> {
    try {
      return await this.#options.backlog.requestOf(parcel)
    } catch (error) {
      await this.#unreadable(parcel, error)
      return undefined
    }
  }

  async #unreadable(parcel: Parcel, error: unknown): Promise<void> {
    const { backlog, counts, notices } = this.#options
    const { file = '' } = parcel
    const reason = messageOf(error)
    if (error instanceof BadSpoolFile) {
      counts.drop('bad-file')
      const aside = await backlog.setAside(parcel).catch(() => file)
      const message = `A file of the spool cannot be delivered, since ${reason}. It is kept as ${aside}.`
      notices.tell({ type: 'spool.bad', message, file: aside, reason })
    } else if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      counts.drop('missing-file')
      await backlog.remove(parcel).catch(() => {})
      const message = `A file of the spool was removed before its request was delivered: ${file}.`
      notices.tell({ type: 'spool.bad', message, file, reason })
    } else {
      this.#tellSpoolFailed('read', reason)
      this.#rest(parcel)
    }
  }

  #send(request: ForwardRequest): Promise<Answer> {
    const { upstream } = this.#options
    return this.#isStopped
      ? Promise.resolve({ kind: 'failed', reason: 'closing' })
      : upstream.send(request)
  }

  async #settle(parcel: Parcel, request: ForwardRequest, answer: Answer): Promise<void> {
    const { gate, counts, clock } = this.#options
    if (answer.kind === 'unsendable')
      return this.#drop(parcel, request, 'unsendable', answer.reason)
    if (answer.kind === 'failed') return this.#retry(parcel, answer.reason)
    const { status } = answer
    if (RETRYABLE.has(status)) {
      return this.#retry(
        parcel,
        `it answers ${status}`,
        retryAfterMs(answer.retryAfter, clock.now()),
      )
    }
    if (gate.succeeded()) this.#cameBack()
    if (status < 200 || status > 299) {
      return this.#drop(parcel, request, String(status), `the upstream answered ${status}`)
    }
    counts.forwarded++
    await this.#remove(parcel)
  }

  #retry(parcel: Parcel, reason: string, retryAfter?: number): void {
    if (this.#isStopped) return
    const { gate, counts, notices, backlog } = this.#options
    counts.retried++
    gate.failed(retryAfter)
    if (!gate.isDown) {
      this.#rest(parcel)
      return
    }
    // The gate waits for all; which one goes first then does not matter.
    parcel.failures++
    backlog.queue.push(parcel)
    const queuedRequests = backlog.queue.size
    const message = `The upstream does not take requests: ${reason}. ${queuedRequests} are waiting.`
    notices.tell({ type: 'upstream.unreachable', message, reason, queuedRequests })
  }

  #rest(parcel: Parcel): void {
    if (this.#isStopped) return
    const { clock, backoff, keepsAlive, backlog } = this.#options
    parcel.failures++
    const wake = (): void => {
      this.#resting.delete(parcel)
      backlog.queue.push(parcel)
      this.pump()
    }
    this.#resting.set(parcel, clock.after(backoff.delayMs(parcel.failures), wake, keepsAlive))
  }

  #cameBack(): void {
    const { notices, backlog } = this.#options
    const queuedRequests = backlog.queue.size
    const message = `The upstream answers again. ${queuedRequests} requests were waiting.`
    notices.tell({ type: 'upstream.back', message, queuedRequests })
    this.hurry()
  }

  async #drop(parcel: Parcel, request: ForwardRequest, key: string, reason: string): Promise<void> {
    const { counts, notices } = this.#options
    const { path } = request
    counts.drop(key)
    const message = `A request to ${path} was given up: ${reason}, which is final.`
    notices.tell({ type: 'request.dropped', message, reason, path })
    await this.#remove(parcel)
  }

  async #remove(parcel: Parcel): Promise<void> {
    try {
      await this.#options.backlog.remove(parcel)
    } catch (error) {
      this.#tellSpoolFailed('remove', messageOf(error))
    }
  }

  #tellSpoolFailed(what: string, reason: string): void {
    const message = `The spool could not ${what} a file: ${reason}.`
    this.#options.notices.tell({ type: 'spool.failed', message, reason })
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
