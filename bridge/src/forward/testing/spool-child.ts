import { writeSync } from 'node:fs'
import { Forwarder } from '../forwarder.ts'
import { traces } from './open-forwarders.ts'

/**
 * A process to be killed: `spool-child <upstream> <folder> <name> <count>` offers so many requests, prints the name of
 * each that was accepted, and `empty` once all have been delivered.
 */
const [upstreamUrl = '', spoolDir = '', name = '', count = '0'] = process.argv.slice(2)
const AT_ONCE = 16

const options = { retryBaseMs: 5, retryCapMs: 50, timeoutMs: 200 }
const forwarder = new Forwarder({ upstreamUrl, spoolDir, instanceId: name, ...options })
await forwarder.open()
let next = 0
await Promise.all(Array.from({ length: AT_ONCE }, offerAll))
const { requests } = await forwarder.close({ timeoutMs: 60_000 })
if (requests === 0) say('empty')

async function offerAll(): Promise<void> {
  while (next < Number(count)) {
    const length = (next * 397) % 5000
    const id = `${name}-${next++}-${length}`
    if ((await forwarder.offer(traces(`${id} ${'x'.repeat(length)}`))) === 'accepted') say(id)
  }
}

/** At once: what a pipe holds back would be lost with the process. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}
