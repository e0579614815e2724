import type { Request } from 'express'
import { BridgeError } from '../errors.ts'
import { quoted } from '../problem.ts'
import { isLoopback } from './loopback.ts'

/**
 * Holds the `Host` header to names that nobody else can point here. Without that, a web page whose name is
 * rebound to a loopback address could read everything in its visitor's bridge.
 */
export class Hosts {
  readonly #patterns: readonly string[]
  #bound: string | undefined

  /** @param patterns - Names, or `.example.com` for all below it. */
  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.map((pattern) => bare(pattern.toLowerCase()))
  }

  /** Lets the host in that `listen` was given. */
  bindsTo(host: string): void {
    this.#bound = bare(host.toLowerCase())
  }

  /** @throws BridgeError `host-not-allowed` */
  check(req: Request): void {
    const { host } = req.headers
    // Browsers always send one; HTTP/1.0 need not.
    if (host === undefined && req.httpVersion === '1.0') return
    if (host !== undefined && this.#allows(nameIn(host), req.socket.localAddress)) return
    throw new BridgeError(
      'host-not-allowed',
      `Expected a Host that this bridge goes by, got ${quoted(host)}. Add it to \`allowedHosts\`, or send a valid token.`,
    )
  }

  #allows(name: string, localAddress: string | undefined): boolean {
    if (name === 'localhost' || name.endsWith('.localhost') || isLoopback(name)) return true
    // An address that the connection truly came in on cannot have been rebound.
    if (name === this.#bound || name === localAddress?.replace(/^::ffff:/, '')) return true
    return this.#patterns.some((pattern) =>
      pattern.startsWith('.')
        ? name.endsWith(pattern) || name === pattern.slice(1)
        : name === pattern,
    )
  }
}

/** The host in `name:port` or `[::1]:port`, without port and brackets. */
function nameIn(host: string): string {
  const [, name = ''] = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/.exec(host.toLowerCase()) ?? []
  return bare(name).replace(/\.$/, '')
}

function bare(name: string): string {
  return name.replace(/^\[(.*)\]$/, '$1')
}
