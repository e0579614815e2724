import { randomBytes } from 'node:crypto'

// Random once a process: two processes must not agree; within one, counting is enough.
const PROCESS = randomBytes(5).toString('hex')
let count = 0

/** A name for a run's buffer that no other buffer has, here or in another process. */
export function newEpoch(): string {
  return PROCESS + (count++).toString(36)
}
