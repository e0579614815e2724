import { randomBytes } from 'node:crypto'

/** A name for a buffer that takes the place of another. */
export function freshEpoch(): string {
  return randomBytes(8).toString('hex')
}
