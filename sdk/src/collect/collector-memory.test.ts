import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import {
  AGENT,
  type Collecting,
  other,
  span,
  startCollecting,
  T0,
  TOOL,
} from './testing/collecting.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const MIB = 1024 * 1024

let c: Collecting
beforeEach(() => {
  vi.useFakeTimers({ now: T0 })
  c = startCollecting()
})
afterEach(() => {
  c.registry.dispose()
  vi.useRealTimers()
})

async function heap(): Promise<number> {
  // What a weak reference was asked for lives until the turn is over.
  await turn()
  collectGarbage()
  return process.memoryUsage().heapUsed
}

function traceOf(index: number): string {
  return index.toString(16).padStart(32, '0')
}

describe('what is kept stays bounded', () => {
  test('over 220,000 traces in which no agent is', async () => {
    const send = (from: number, to: number): void => {
      for (let trace = from; trace < to; trace++) {
        c.send(
          other('http', { trace: traceOf(trace + 1), parent: 'GET' }),
          other('GET', { trace: traceOf(trace + 1) }),
        )
      }
    }
    send(0, 200_000)
    const before = await heap()

    send(200_000, 220_000)

    expect((await heap()) - before).toBeLessThan(4 * MIB)
    expect(c.registry.size).toBe(0)
  })

  test('in a run of 100,000 spans, whose ring has the newest', async () => {
    const args = JSON.stringify('x'.repeat(500))
    const search = { ...TOOL, 'gen_ai.tool.call.arguments': args, 'spancast.run.id': 'run-00001' }
    const send = (from: number, to: number): void => {
      for (let i = from; i < to; i++) c.send(span(`${i}`, search, { parent: 'Planner' }))
    }
    send(0, 30_000)
    const before = await heap()

    send(30_000, 100_000)

    expect((await heap()) - before).toBeLessThan(4 * MIB)
    expect(c.events('run-00001')).toHaveLength(1000)
    c.send(span('Planner', AGENT, { run: 'run-00001' }))
    vi.advanceTimersByTime(c.registry.limits.runGraceMs)
    expect(c.events('run-00001').at(-1)).toMatchObject({ type: 'run.end', status: 'ok' })
    expect(c.registry.get('run-00001')?.summary().steps).toBe(100_001)
  })

  test('in a run of large contents, up to about its share of bytes', async () => {
    c = startCollecting({ maxRunBytes: MIB })
    const args = JSON.stringify('x'.repeat(30_000))
    const before = await heap()

    for (let i = 0; i < 2000; i++) {
      c.send(
        span(`${i}`, { ...TOOL, 'gen_ai.tool.call.arguments': args + i }, { parent: 'Planner' }),
      )
    }

    expect((await heap()) - before).toBeLessThan(8 * MIB)
  })

  test('over 6,000 runs one after the other, once they are gone', async () => {
    const send = (from: number, to: number): void => {
      for (let run = from; run < to; run++) {
        const trace = traceOf(run + 1)
        c.send(span('Planner', AGENT, { trace }), span('s', TOOL, { trace, parent: 'Planner' }))
        if (run % 100 === 0) vi.advanceTimersByTime(1000)
      }
      vi.advanceTimersByTime(c.registry.limits.runGraceMs + c.registry.limits.retentionMs)
    }
    send(0, 3000)
    const before = await heap()

    send(3000, 6000)

    expect(c.registry.size).toBe(0)
    expect((await heap()) - before).toBeLessThan(4 * MIB)
  })
})
