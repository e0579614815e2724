import { bad, type Finding, good } from './finding.ts'

/**
 * Whether a version of Node is new enough.
 *
 * @param required - The oldest that is, such as `20.19`.
 */
export function checkNode(version: string, required: string): Finding {
  return isAtLeast(version, required)
    ? good(`Node ${version} fits (${required} or newer).`)
    : bad(`Node ${version} is too old. Install ${required} or newer: https://nodejs.org`)
}

function isAtLeast(version: string, required: string): boolean {
  const actual = version.split('.').map(Number)
  for (const [position, least] of required.split('.').map(Number).entries()) {
    const part = actual[position] ?? 0
    if (part !== least) return part > least
  }
  return true
}
