import {
  createRandomId,
  emit,
  emitChunk,
  observe,
  observeRun,
  recordCost,
  recordUsage,
} from '@spancast/sdk'
import { afterEach, beforeAll, expect } from 'vitest'
import type { BridgeOptions } from '../../options.ts'
import { observing } from '../../testing/observing.ts'
import { OpenBridges } from '../../testing/open-bridges.ts'
import { inProcess, type Terminal } from './in-process.ts'
import type { Ended } from './spancast.ts'

const bridges = new OpenBridges()
beforeAll(observing)
afterEach(() => bridges.closeAll())

export const UTF8 = { LANG: 'C.UTF-8' }
const search = observe(
  async ({ q }: { readonly q: string }) => {
    if (q === 'bad') throw new TypeError('no\u001b]0;x\u0007 such thing')
    return ['\u001b[31mred', q]
  },
  { name: 'search', kind: 'tool' },
)
const model = observe(
  async (words: readonly string[]) => {
    for (const word of words) emitChunk(word)
    recordUsage({ inputTokens: 1204, outputTokens: 318 })
    recordCost(0.0061)
  },
  { name: 'gpt-x', kind: 'llm' },
)
const agent = observe(
  async () => {
    emit('decision_made', { action: 'search' })
    await search({ q: 'otel' })
    await search({ q: 'bad' }).catch(() => {})
    await model(['Be', 'cause ', 'ü€😀.\n', 'And so on'])
    return 'done'
  },
  { name: 'researcher' },
)

/** A run that is over. */
export async function told(fn: () => unknown = agent): Promise<string> {
  const { randomId } = await observeRun({ name: 'research', input: 'why?' }, () => fn())
  return randomId
}

export async function failed(): Promise<string> {
  const randomId = createRandomId()
  const run = observeRun({ name: 'research', randomId }, async () => {
    throw new Error('it broke')
  })
  await run.catch(() => {})
  return randomId
}

/** The command line against a bridge of its own. */
export async function against(options: BridgeOptions = {}) {
  const { url, port, bridge } = await bridges.open(options)
  const run = (args: readonly string[], terminal: Terminal = {}): Promise<Ended> =>
    inProcess([...args, '--url', url], { env: UTF8, ...terminal })
  return { url, port, bridge, run }
}

/** Resolves once somebody reads a stream of the bridge. */
export async function streaming(url: string): Promise<void> {
  await expect
    .poll(async () => (await fetch(`${url}/metrics`)).text(), { timeout: 15_000 })
    .toMatch(/^spancast_open_streams [1-9]/m)
}
