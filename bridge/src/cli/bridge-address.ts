import type { BridgeOptions } from '../options.ts'
import type { Flag } from './command.ts'
import { UsageError } from './usage-error.ts'

export const URL_FLAG: Flag = {
  name: 'url',
  value: '<url>',
  doc: 'Address of the bridge.',
  default: 'http://127.0.0.1:4319, or as SPANCAST_HOST and SPANCAST_PORT say',
}

/**
 * Where the bridge is, by the flag or by how `serve` would be set up here.
 *
 * @throws UsageError for what is no address.
 */
export function bridgeAddress(given: string | undefined, { host, port }: BridgeOptions): string {
  if (given === undefined) return `http://${reachable(host ?? '127.0.0.1')}:${port ?? 4319}`
  if (/^https?:\/\//.test(given) && URL.canParse(given)) return given.replace(/\/+$/, '')
  throw new UsageError(
    `Expected --url to be an address such as http://127.0.0.1:4319, got '${given}'.`,
  )
}

/** An address that means "all" is reached by that of this machine. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}
