import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type AgentEvent, ObserverRegistry } from '@spancast/sdk'
import { afterEach, describe, expect, test } from 'vitest'
import { OpenBridges } from '../bridge/src/testing/open-bridges.ts'

const AGENT = fileURLToPath(new URL('./collect/exporting-agent.ts', import.meta.url))
// What spans alone have no place for.
const SIGNALS = ['agent.chunk', 'agent.event']
const TIMES = ['timestamp', 'duration', 'timeToFirstChunk']
const NO_SPAN_ID = '0'.repeat(16)

const bridges = new OpenBridges()
afterEach(async () => {
  await bridges.closeAll()
})

interface Both {
  readonly embedded: AgentEvent[][]
  readonly collected: AgentEvent[][]
}

/** The scripted agent's events, as its own process has them and as the bridge has them. */
async function both(...how: readonly string[]): Promise<Both> {
  const registry = new ObserverRegistry({ runGraceMs: 50 })
  const { url } = await bridges.open({ registry })
  const over = new Promise<void>((resolve) => {
    registry.listen({
      appended: () => {
        const runs = registry.list()
        if (runs.length === 3 && runs.every(({ ended }) => ended)) resolve()
      },
    })
  })
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--conditions=@spancast/source',
    '--import=tsx',
    AGENT,
    url,
    ...how,
  ])
  await over
  const embedded = JSON.parse(stdout) as AgentEvent[][]
  const collected = embedded.map(
    ([first]) => registry.get(first?.randomId ?? '')?.getEvents() ?? [],
  )
  return { embedded, collected }
}

interface Comparable {
  /** Without their place in the buffer, and their times. */
  readonly events: unknown
  readonly times: ReadonlyMap<string, number>
}

function comparable(runs: readonly AgentEvent[][]): Comparable {
  const times = new Map<string, number>()
  const events = runs.map((run) =>
    run
      .map(({ seq, ...event }) => {
        const about = `${event.type} ${event.spanId} ${'index' in event ? event.index : ''}`
        const untimed = Object.entries(event).filter(([key, value]) => {
          if (!TIMES.includes(key) || typeof value !== 'number') return true
          times.set(`${event.randomId} ${about} ${key}`, value)
          return false
        })
        return { about, ...Object.fromEntries(untimed) }
      })
      .sort((a, b) => a.about.localeCompare(b.about)),
  )
  return { events, times }
}

function expectSame(collected: readonly AgentEvent[][], embedded: readonly AgentEvent[][]): void {
  const [given, wanted] = [comparable(collected), comparable(embedded)]
  expect(given.events).toEqual(wanted.events)
  expect([...given.times.keys()].sort()).toEqual([...wanted.times.keys()].sort())
  // A number of milliseconds since 1970 holds about a quarter of a microsecond.
  for (const [about, time] of wanted.times) expect(given.times.get(about)).toBeCloseTo(time, 2)
}

/** The events as far as spans that have ended can tell them. */
function bySpans(runs: readonly AgentEvent[][]): AgentEvent[][] {
  return runs.map((events) =>
    events
      .filter(({ type }) => !SIGNALS.includes(type))
      .map((event) => {
        // What became known only later is known at once.
        if (event.type === 'agent.llm.start') return { ...event, provider: 'known' }
        // A run that a context held open is as long as its span.
        const isHeld = event.type === 'run.end' && event.spanId === NO_SPAN_ID
        return isHeld ? { ...event, timestamp: 0, duration: 0 } : event
      }),
  )
}

describe('the same agent gives the same events, with the same ids', () => {
  test.each([
    ['json', 'none'],
    ['json', 'gzip'],
    ['protobuf', 'none'],
    ['protobuf', 'gzip'],
  ])('by its spans alone, in %s, compressed with %s', async (encoding, compression) => {
    const { embedded, collected } = await both(encoding, compression)

    expectSame(bySpans(collected), bySpans(embedded))
  })

  test('over the live link, with its spans beside it', async () => {
    const { embedded, collected } = await both('protobuf', 'gzip', 'link')

    expectSame(collected, embedded)
    for (const [index, events] of collected.entries()) {
      expect(events.map(({ seq }) => seq)).toEqual(embedded[index]?.map(({ seq }) => seq))
    }
  })
})
