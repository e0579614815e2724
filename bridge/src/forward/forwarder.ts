import { Backlog } from './backlog.ts'
import { Backoff } from './backoff.ts'
import type { Clock } from './clock.ts'
import { Delivery } from './delivery.ts'
import { ForwardCounts, type ForwardStats } from './forward-counts.ts'
import type { ForwardRequest } from './forward-request.ts'
import { type ForwarderOptions, readForwarderOptions } from './forwarder-options.ts'
import { Gate } from './gate.ts'
import { Notices } from './notices.ts'
import { costOf } from './queue.ts'
import { Spool } from './spool.ts'
import { Upstream } from './upstream.ts'
import { cameFromUs } from './via.ts'

/**
 * What became of an offer: `accepted` (safe; may be acknowledged), `full` (comes to fit when others have gone),
 * `too-large` (will never fit), `unavailable` (closing, or the spool cannot store it).
 */
export type OfferResult = 'accepted' | 'full' | 'too-large' | 'unavailable'

/** What a closed forwarder had not delivered. */
export interface ForwardLeft {
  readonly requests: number
  readonly bytes: number
  /** Whether they wait in the spool for the next start. Otherwise they are lost. */
  readonly spooled: boolean
}

/**
 * Passes OTLP requests on, as they came. What was accepted is sent until the upstream has answered, however long it is
 * away: over failures of the connection and the statuses 429, 502, 503 and 504, with backoff. Any other status but 2xx
 * is final, as the OTLP specification says. Requests may arrive twice, and in another order.
 *
 * Without a spool, requests that wait keep the process alive until `close`.
 */
export class Forwarder {
  readonly #instanceId: string
  readonly #maxQueueBytes: number
  readonly #spoolDir: string | undefined
  readonly #clock: Clock
  readonly #backlog: Backlog
  readonly #counts = new ForwardCounts()
  readonly #notices: Notices
  readonly #gate: Gate
  readonly #delivery: Delivery
  #opened: Promise<void> | undefined
  #closed: Promise<ForwardLeft> | undefined
  #isReady: boolean
  #whenEmpty: (() => void) | undefined

  /** @throws SpancastError `invalid-option`. */
  constructor(options: ForwarderOptions) {
    const config = readForwarderOptions(options)
    const { clock, spoolDir, maxInFlight, maxQueueBytes } = config
    const keepsAlive = spoolDir === undefined
    const backoff = new Backoff({
      baseMs: config.retryBaseMs,
      capMs: config.retryCapMs,
      random: config.random,
    })
    this.#instanceId = config.instanceId
    this.#maxQueueBytes = maxQueueBytes
    this.#spoolDir = spoolDir
    this.#isReady = keepsAlive
    this.#clock = clock
    this.#backlog = new Backlog(maxQueueBytes)
    this.#notices = new Notices(config.onNotice, config.noticeEveryMs, clock)
    const onOpen = (): void => this.#delivery.pump()
    this.#gate = new Gate({ clock, backoff, maxInFlight, keepsAlive, onOpen })
    this.#delivery = new Delivery({
      backlog: this.#backlog,
      upstream: new Upstream({
        url: config.upstreamUrl,
        headers: config.headers,
        instanceId: this.#instanceId,
        timeoutMs: config.timeoutMs,
        maxSockets: maxInFlight,
        clock,
      }),
      gate: this.#gate,
      backoff,
      clock,
      counts: this.#counts,
      notices: this.#notices,
      keepsAlive,
      onSettled: () => this.#checkEmpty(),
    })
  }

  /**
   * Opens the spool, and begins to deliver what an earlier process has left there. `offer` does it too: this is for
   * those who want to know early.
   *
   * @throws Error with `code` `EBUSY` if another process uses the folder, else what the system says. A later call
   * tries again.
   */
  open(): Promise<void> {
    if (this.#isReady || this.#spoolDir === undefined) return Promise.resolve()
    this.#opened ??= this.#openSpool(this.#spoolDir).catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }

  /** Takes a request, if there is room. Resolves as soon as it is safe to acknowledge it; never rejects. */
  async offer(request: ForwardRequest): Promise<OfferResult> {
    const cost = costOf(request.body.length)
    if (cost > this.#maxQueueBytes) return this.#refuse('too-large')
    try {
      if (!this.#isReady && this.#closed === undefined) await this.open()
      if (this.#closed !== undefined) return this.#refuse('unavailable')
      const { queue } = this.#backlog
      if (!queue.hasRoom(cost)) return this.#full()
      await this.#backlog.keep(request, this.#clock.now())
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      const message = `The spool could not store a request: ${reason}.`
      this.#notices.tell({ type: 'spool.failed', message, reason })
      this.#checkEmpty()
      return this.#refuse('unavailable')
    }
    this.#counts.accepted++
    this.#delivery.pump()
    return 'accepted'
  }

  /** Whether a request with this `Via` header has been here before, and must not be offered again. */
  cameFromUs(via: string | undefined): boolean {
    return cameFromUs(via, this.#instanceId)
  }

  stats(): ForwardStats {
    const { accepted, recovered, forwarded, retried, refused, dropped } = this.#counts
    const { bytes, size, oldestAt } = this.#backlog.queue
    return {
      accepted,
      recovered,
      forwarded,
      retried,
      refused,
      dropped,
      queuedRequests: size,
      queuedBytes: bytes,
      oldestMs: oldestAt === undefined ? 0 : Math.max(0, this.#clock.now() - oldestAt),
      upstreamDown: this.#gate.isDown,
    }
  }

  /**
   * Takes no more requests, and sends what is queued as far as the time allows. Calling it again gives the same answer.
   *
   * @param options.timeoutMs - For the queue to become empty, in milliseconds; 0 cuts what is in flight. Default 5 s.
   */
  close({ timeoutMs = 5000 }: { readonly timeoutMs?: number } = {}): Promise<ForwardLeft> {
    this.#closed ??= this.#close(timeoutMs)
    return this.#closed
  }

  async #openSpool(dir: string): Promise<void> {
    const { spool, leftovers } = await Spool.open(dir)
    this.#backlog.attach(spool, leftovers)
    this.#counts.recovered = leftovers.length
    this.#isReady = true
    this.#delivery.pump()
  }

  async #close(timeoutMs: number): Promise<ForwardLeft> {
    await this.#opened?.catch(() => {})
    if (timeoutMs > 0) {
      this.#delivery.hurry()
      await this.#emptyWithin(timeoutMs)
    }
    await this.#delivery.stop()
    await this.#backlog.close()
    const { size, bytes } = this.#backlog.queue
    return { requests: size, bytes, spooled: this.#spoolDir !== undefined }
  }

  #emptyWithin(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(timeoutMs, resolve, true)
      this.#whenEmpty = () => {
        cancel()
        resolve()
      }
      this.#checkEmpty()
    })
  }

  #checkEmpty(): void {
    if (this.#backlog.queue.size === 0 && this.#delivery.inFlight === 0) this.#whenEmpty?.()
  }

  #full(): OfferResult {
    const queuedBytes = this.#backlog.queue.bytes
    const message = `The queue is full with ${queuedBytes} bytes: senders are told to come back later.`
    this.#notices.tell({ type: 'queue.full', message, queuedBytes })
    return this.#refuse('full')
  }

  #refuse(result: OfferResult): OfferResult {
    this.#counts.refused++
    return result
  }
}
