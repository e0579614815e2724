import { isIP } from 'node:net'

/**
 * Whom an address counts as where a limit is per client: one name for each client, however its address is written. A
 * port that a proxy has left on it is dropped, IPv4 in the form of IPv6 is IPv4, and of IPv6 counts the /64: whoever
 * has one of its addresses has them all.
 */
export function clientOf(address: string | undefined): string {
  const bare = (address ?? '').replace(/^\[(.*)\](?::\d+)?$|^(\d+(?:\.\d+){3}):\d+$/, '$1$2')
  return isIP(bare) === 6 ? clientOfIpv6(bare.replace(/%.*$/, '')) : bare
}

function clientOfIpv6(address: string): string {
  // A URL writes every IPv6 address in one way.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const groups = [...before, ...Array(8 - before.length - after.length).fill('0'), ...after]
  const [, , , , , mapped, high = '', low = ''] = groups
  if (mapped === 'ffff' && groups.slice(0, 5).every((group) => group === '0')) {
    const bytes = [high, low].flatMap((group) => {
      const value = Number.parseInt(group, 16)
      return [value >> 8, value & 255]
    })
    return bytes.join('.')
  }
  return `${groups.slice(0, 4).join(':')}::/64`
}
