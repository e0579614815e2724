import { setImmediate as turn } from 'node:timers/promises'
import { emit, observe, observeRun } from '@spancast/sdk'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Observing, startObserving } from '../sdk/src/testing/observing.ts'
import { tree } from '../sdk/src/testing/telling.ts'

let observing: Observing
beforeEach(() => {
  observing = startObserving()
})
afterEach(() => {
  vi.useRealTimers()
  observing.stop()
})

describe('many runs', () => {
  test('1,000 at once do not mix', async () => {
    const search = observe(
      async (q: string) => {
        await turn()
        emit('looked', q)
        return `found ${q}`
      },
      { name: 'search', kind: 'tool' },
    )
    const researcher = observe(
      async (q: string) => {
        await turn()
        const found = await Promise.all([search(`${q}/a`), search(`${q}/b`)])
        await turn()
        return found
      },
      { name: 'Researcher' },
    )
    const names = Array.from({ length: 1000 }, (_, at) => `run-${at + 1000}`)

    const runs = await Promise.all(
      names.map((randomId) =>
        observeRun({ name: randomId, randomId }, () =>
          Promise.all([researcher(`${randomId}/1`), researcher(`${randomId}/2`)]),
        ),
      ),
    )

    expect(runs.map(({ randomId }) => randomId)).toEqual(names)
    expect(observing.registry.size).toBe(1000)
    for (const randomId of names) {
      const events = observing.events(randomId)
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1))
      // Start and end of the run, of two agents and of four tools, and an event of each tool.
      expect(events).toHaveLength(18)
      expect(tree(events).sort()).toEqual([
        `Researcher < ${randomId}`,
        `Researcher < ${randomId}`,
        randomId,
        'search < Researcher',
        'search < Researcher',
        'search < Researcher',
        'search < Researcher',
      ])
      expect(new Set(events.map(({ traceId }) => traceId)).size).toBe(1)
      const mentioned = JSON.stringify(events).match(/run-\d+/g)
      expect(new Set(mentioned)).toEqual(new Set([randomId]))
    }
    expect(
      new Set(observing.spans().map(({ attributes }) => attributes['spancast.run.id'])).size,
    ).toBe(1000)
  })

  test('100,000 one after the other leave nothing once their retention is over', async () => {
    observing.stop()
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
    })
    observing = startObserving({ exporting: false })
    const { registry } = observing
    const agent = observe((at: number) => at, { name: 'Agent' })
    let most = 0

    for (let at = 0; at < 100_000; at++) {
      if (at % 1000 === 0) vi.advanceTimersByTime(10_000)
      agent(at)
      most = Math.max(most, registry.size)
    }
    expect(most).toBe(10_000)
    expect(registry.size).toBe(10_000)

    vi.advanceTimersByTime(5 * 60_000)
    expect(registry.size).toBe(0)
    expect(registry.bytes).toBe(0)
    vi.advanceTimersByTime(60_000)
    expect(vi.getTimerCount()).toBe(0)
  })
})
