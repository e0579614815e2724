import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { AgentEvent } from '@spancast/sdk'
import { beforeAll, describe, expect, test } from 'vitest'
import { told, tree } from '../sdk/src/testing/telling.ts'

const AGENT = fileURLToPath(new URL('./otel-lines/agent.ts', import.meta.url))
const OTEL3 = fileURLToPath(new URL('./otel3/node_modules', import.meta.url))
const RUNS_3 = isNodeFor3() && existsSync(OTEL3)

if (!RUNS_3) {
  process.stderr.write(
    `\nLEFT OUT: OpenTelemetry 3.x was not tested. ${
      isNodeFor3()
        ? 'Run `npm ci` in test/otel3.'
        : `It needs Node 22.15, this is ${process.version}`
    }\n\n`,
  )
}

/** The events of the scripted agent's runs, under a provider of that line. A process each: it has one set of globals. */
async function runsUnder(line: string): Promise<AgentEvent[][]> {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@spancast/source',
    '--import',
    'tsx',
    AGENT,
    line,
  ])
  return JSON.parse(stdout) as AgentEvent[][]
}

/** The events with ids counted in the order of their first appearance, and without what time makes of them. */
function comparable(runs: readonly AgentEvent[][]): unknown {
  const ids = new Map<string, string>()
  return JSON.parse(JSON.stringify(runs), (key, value: unknown) => {
    if (key === 'timestamp') return typeof value
    if (key === 'duration' || key === 'timeToFirstChunk') return value === 20 ? value : typeof value
    if (key === 'stack') return typeof value
    if (typeof value !== 'string' || !/^([0-9a-f]{16}|[0-9a-f]{32})$/.test(value)) return value
    const id = ids.get(value) ?? `id ${ids.size}`
    ids.set(value, id)
    return id
  })
}

describe('the same agent gives the same events', () => {
  let runs2: AgentEvent[][]
  beforeAll(async () => {
    runs2 = await runsUnder('2.12')
  })

  test('under 2.12: those that it should give', () => {
    const [named = [], byTrace = [], seed = []] = runs2
    expect(tree(named)).toEqual([
      'Team',
      'Planner < Team',
      'search < Planner',
      'm < Planner',
      'broken < Planner',
      'Writer < Planner',
      'gpt < Planner',
    ])
    expect(tree(byTrace)[0]).toBe('GET /')
    expect(told(seed)).toEqual([
      'run.start Seed',
      'agent.start Seed',
      'agent.end Seed',
      'run.end ok',
    ])
    expect(told(named)).toEqual(
      expect.arrayContaining([
        'agent.chunk never mind',
        'agent.chunk {"part":1}',
        'agent.chunk {"part":2}',
        'agent.event halfway',
        'agent.event retried',
        'run.end ok',
      ]),
    )
    // Neither an exception nor what `emit` adds to the span is told once more.
    expect(told(named).filter((line) => line.startsWith('agent.event'))).toHaveLength(2)
    expect(named.at(-1)).toMatchObject({
      cost: 0.25,
      unpricedCalls: 1,
      tokenUsage: { inputTokens: 7, outputTokens: 2, totalTokens: 9 },
    })
  })

  test('under 1.30', async () => {
    expect(comparable(await runsUnder('1.30'))).toEqual(comparable(runs2))
  })

  test.runIf(RUNS_3)('under 3.1', async () => {
    expect(comparable(await runsUnder('3.1'))).toEqual(comparable(runs2))
  })
})

function isNodeFor3(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 15)
}
