import type { ForwardStats } from '../forward-counts.ts'
import type { ForwardRequest } from '../forward-request.ts'
import { Forwarder } from '../forwarder.ts'
import type { ForwarderOptions } from '../forwarder-options.ts'
import type { ForwardNotice } from '../notices.ts'

/** Forwarders that are impatient, and are closed together when a test is over. */
export class OpenForwarders {
  readonly notices: ForwardNotice[] = []
  readonly #forwarders: Forwarder[] = []

  open(upstreamUrl: string, options: Partial<ForwarderOptions> = {}): Forwarder {
    const forwarder = new Forwarder({
      upstreamUrl,
      instanceId: 'here',
      retryBaseMs: 2,
      retryCapMs: 20,
      noticeEveryMs: 0,
      onNotice: (notice) => this.notices.push(notice),
      ...options,
    })
    this.#forwarders.push(forwarder)
    return forwarder
  }

  /** Resolves as soon as the figures are as wanted. */
  untilStats(forwarder: Forwarder, wanted: (stats: ForwardStats) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (wanted(forwarder.stats())) resolve()
        else setImmediate(look)
      }
      look()
    })
  }

  async closeAll(): Promise<void> {
    await Promise.all(
      this.#forwarders.splice(0).map((forwarder) => forwarder.close({ timeoutMs: 0 })),
    )
    this.notices.length = 0
  }
}

/** A request with this body. */
export function traces(body: string | Buffer): ForwardRequest {
  return { path: '/v1/traces', contentType: 'application/x-protobuf', body: Buffer.from(body) }
}
