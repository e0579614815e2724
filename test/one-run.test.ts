import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type AgentEvent, ObserverRegistry } from '@spancast/sdk'
import { afterEach, expect, test } from 'vitest'
import { OpenBridges } from '../bridge/src/testing/open-bridges.ts'
import { find, tree } from '../sdk/src/testing/telling.ts'
import { Line } from './one-run/line.ts'

const RUN_ID = 'run-of-two'

const bridges = new OpenBridges()
const children: ChildProcess[] = []
const lines: Line[] = []
afterEach(async () => {
  for (const line of lines.splice(0)) line.close()
  for (const child of children.splice(0)) child.kill()
  await bridges.closeAll()
})

function program(name: string, ...args: readonly string[]): ChildProcess {
  const file = fileURLToPath(new URL(`./one-run/${name}.ts`, import.meta.url))
  const options = ['--conditions=@spancast/source', '--import=tsx', file, ...args]
  const child = spawn(process.execPath, options, { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  return child
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error('no output to read')
  const [line] = (await once(createInterface(stdout), 'line')) as [string]
  return line
}

interface Outcome {
  readonly events: readonly AgentEvent[]
  readonly registry: ObserverRegistry
}

/** Resolves when a run of the registry is over. */
function aRunIsOver(registry: ObserverRegistry): Promise<void> {
  return new Promise((resolve) => {
    registry.listen({
      appended: (_, { type }) => {
        if (type === 'run.end') resolve()
      },
    })
  })
}

/** A run of the caller, whose tool asks the service; both send what they have to one bridge. */
async function runOf(way: 'link' | 'spans', joins: string): Promise<Outcome> {
  // Long enough for both to leave, where spans alone tell that it is over.
  const registry = new ObserverRegistry({ runGraceMs: 1500 })
  const { url } = await bridges.open({ registry })
  const over = aRunIsOver(registry)
  const service = program('service', url, way, joins)
  const left = once(service, 'exit')
  program('caller', url, way, await firstLine(service))
  await Promise.all([over, left])
  return { events: registry.get(RUN_ID)?.getEvents() ?? [], registry }
}

const TREE = [
  'Team',
  'Planner < Team',
  'ask < Planner',
  'Helper < ask',
  'look < Helper',
  'gpt < Helper',
]

test.each([
  ['joins the run by its id', 'joins'],
  ['is joined by the trace that both share', 'stays apart'],
])('a service that is called from a run %s, live', async (_, joins) => {
  const { events, registry } = await runOf('link', joins)

  expect(tree(events)).toEqual(TREE)
  expect(registry.size).toBe(1)
  const ends = events.filter(({ type }) => type === 'run.start' || type === 'run.end')
  expect(ends.map(({ type, seq }) => [type, seq])).toEqual([
    ['run.start', 1],
    ['run.end', events.length],
  ])
  expect(find(events, 'agent.chunk')).toMatchObject({ delta: 'why: found', randomId: RUN_ID })
  // What each of them knows, together: the caller has heard nothing of the service's calls.
  expect(events.at(-1)).toMatchObject({
    status: 'ok',
    tokenUsage: { inputTokens: 11, totalTokens: 17 },
  })
  expect(new Set(events.map(({ traceId }) => traceId)).size).toBe(1)
  expect(registry.get(RUN_ID)?.summary()).toMatchObject({ lateEvents: 0, openSpans: 0, steps: 5 })
})

test('a service whose line is slower than that of its caller is in the run all the same', async () => {
  const registry = new ObserverRegistry({ runGraceMs: 60_000 })
  const { url } = await bridges.open({ registry })
  const [callers, services] = await Promise.all([Line.open(url, false), Line.open(url, true)])
  lines.push(callers, services)
  const over = aRunIsOver(registry)
  // Everything that the service has to tell waits until the end of the caller's run has come.
  const ended = callers.sent('run.end')
  const service = program('service', services.url, 'link', 'joins', 'later')

  program('caller', callers.url, 'link', await firstLine(service))
  await ended
  services.release()
  await over

  const events = registry.get(RUN_ID)?.getEvents() ?? []
  expect(tree(events)).toEqual(TREE)
  expect(events.at(-1)).toMatchObject({
    type: 'run.end',
    status: 'ok',
    tokenUsage: { inputTokens: 11, totalTokens: 17 },
  })
  expect(registry.get(RUN_ID)?.summary()).toMatchObject({ lateEvents: 0, openSpans: 0 })
})

test.each(['joins', 'stays apart'])(
  'both parts are one run by their spans alone (%s)',
  async (joins) => {
    const { events, registry } = await runOf('spans', joins)

    const parents = new Map(events.map((event) => [event.spanId, event.parentSpanId]))
    const id = (type: AgentEvent['type'], name?: string): string => find(events, type, name).spanId
    expect(registry.size).toBe(1)
    expect(parents.get(id('agent.start', 'Helper'))).toBe(id('agent.tool.start', 'ask'))
    expect(parents.get(id('agent.tool.start', 'look'))).toBe(id('agent.start', 'Helper'))
    expect(parents.get(id('agent.tool.start', 'ask'))).toBe(id('agent.start', 'Planner'))
    expect(registry.get(RUN_ID)?.summary()).toMatchObject({
      name: 'Team',
      status: 'ok',
      steps: 5,
      tokenUsage: { inputTokens: 11, totalTokens: 17 },
    })
  },
)
