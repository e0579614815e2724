import type { IncomingMessage } from 'node:http'
import { BlockList, isIP } from 'node:net'

const LOOPBACK = new BlockList()
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4')
LOOPBACK.addAddress('::1', 'ipv6')

const PROXY_HEADERS = [
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'forwarded',
  'via',
]

/** How a bridge names itself in `Via`. */
const BRIDGE_HOP = /^1\.1 spancast\/[\w-]{1,128}$/

// Asked at every request, and nearly always of one of these.
const USUAL: ReadonlySet<string> = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])

/** Whether an address is this machine's own; `::ffff:127.0.0.1` is. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false
  if (USUAL.has(address)) return true
  const version = isIP(address)
  // A BlockList looks through IPv4-mapped addresses by itself.
  return version !== 0 && LOOPBACK.check(address, version === 6 ? 'ipv6' : 'ipv4')
}

/** Whether a name that `listen` is to bind to can only mean this machine. */
export function isLoopbackName(host: string): boolean {
  return host === 'localhost' || isLoopback(host)
}

/** The header that tells that the request came through a proxy: then its peer says nothing about its sender. */
export function proxyHeader(req: IncomingMessage): string | undefined {
  return PROXY_HEADERS.find((name) => req.headers[name] !== undefined)
}

/**
 * The same for senders of OTLP, which may be bridges: they say so in `Via`, and have let in whoever sent to them.
 * That opens nothing: who can write the header can leave it out, pages of browsers can do neither, and a proxy that
 * adds to it is seen by what it adds.
 */
export function senderProxyHeader(req: IncomingMessage): string | undefined {
  const { via } = req.headers
  const isBridges = via?.split(',').every((hop) => BRIDGE_HOP.test(hop.trim())) === true
  return PROXY_HEADERS.find(
    (name) => req.headers[name] !== undefined && !(name === 'via' && isBridges),
  )
}
