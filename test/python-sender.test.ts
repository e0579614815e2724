import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type AgentEvent, ObserverRegistry } from '@spancast/sdk'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { OpenBridges } from '../bridge/src/testing/open-bridges.ts'
import { find, told, tree } from '../sdk/src/testing/telling.ts'
import { pythonWithOtel } from './python-sender/python.ts'

const AGENT = fileURLToPath(new URL('./python-sender/agent.py', import.meta.url))
const INSTALL_MS = 180_000

const bridges = new OpenBridges()
let python: string | undefined
beforeAll(async () => {
  python = await pythonWithOtel()
}, INSTALL_MS)
afterEach(async () => {
  await bridges.closeAll()
})

async function eventsOf(python: string, compression: string): Promise<AgentEvent[]> {
  const registry = new ObserverRegistry({ runGraceMs: 50 })
  const { url } = await bridges.open({ registry })
  const over = new Promise<void>((resolve) => {
    registry.listen({
      appended: (_, { type }) => {
        if (type === 'run.end') resolve()
      },
    })
  })
  const { stdout } = await promisify(execFile)(python, [AGENT, url, compression])
  await over
  return registry.get(stdout.trim())?.getEvents() ?? []
}

test.for(['none', 'gzip'])(
  'an agent in Python is watched by its spans (compression: %s)',
  async (compression, { skip }) => {
    if (python === undefined) return skip('no Python')
    const events = await eventsOf(python, compression)

    expect(tree(events)).toEqual([
      'GET /ask',
      'Researcher < GET /ask',
      'search < Researcher',
      'gpt < Researcher',
      'broken < Researcher',
    ])
    expect(told(events).filter((line) => !line.includes('start'))).toEqual([
      'agent.tool.end search',
      'agent.llm.end gpt',
      'agent.tool.end broken',
      'agent.end Researcher',
      'run.end ok',
    ])
    expect(find(events, 'agent.tool.start', 'search')).toMatchObject({
      args: { q: 'größe', limit: 3 },
      toolCallId: 'call-1',
    })
    expect(find(events, 'agent.tool.end', 'search').result).toEqual(['hit', 1.5, null])
    expect(find(events, 'agent.llm.end')).toMatchObject({
      provider: 'openai',
      tokenUsage: { inputTokens: 12, outputTokens: 30, totalTokens: 42 },
    })
    const { error } = find(events, 'agent.tool.end', 'broken')
    expect(error).toMatchObject({ type: 'ValueError', message: 'no such page' })
    expect(error?.stack).toContain('agent.py')
    expect(find(events, 'agent.end')).toMatchObject({ tokenUsage: { totalTokens: 42 }, cost: null })
    const times = events.map(({ timestamp }) => timestamp)
    expect([...times].sort((a, b) => a - b)).toEqual([...times.slice(0, -1), times.at(-1)])
  },
)
