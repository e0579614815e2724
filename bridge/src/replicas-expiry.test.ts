import { createClient } from '@redis/client'
import { ObserverRegistry } from '@spancast/sdk'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { makeSpan, traceRequest } from './otlp/testing/make-spans.ts'
import { emitEvents, endRun } from './sse/testing/emit.ts'
import { redisStore } from './store/redis/redis-store.ts'
import { RedisServer, redisMissing } from './store/testing/redis-server.ts'
import { OpenBridges } from './testing/open-bridges.ts'
import { get } from './testing/post.ts'

if (redisMissing !== undefined) process.stderr.write(`${redisMissing}\n`)

const WAIT = { timeout: 60_000, interval: 100 }
const LIMITS = { retentionMs: 2000, runIdleMs: 1000, runGraceMs: 100, maxRuns: 20_000 }
// What names a run outlives it by a minute, so that what is sent again then is not taken for another run.
const LONGEST_MS = LIMITS.retentionMs + LIMITS.runIdleMs + LIMITS.runGraceMs + 60_000
const REMEMBER_MS = 5000
const RECORDED = 9000
const RECEIVED = 1000
const AT_ONCE = 100
const SLACK_BYTES = 512 * 1024
/** What there is as long as there are bridges, however many runs there are. */
const STAYS = /^spancast:(share:\{\d+\}:(owner|fence)|\{bridges\}:(members|id)|\{index\}:total)$/

describe.skipIf(redisMissing !== undefined)('runs that are over', () => {
  let server: RedisServer
  let client: ReturnType<typeof createClient>
  beforeAll(async () => {
    server = await RedisServer.open()
    client = createClient({ url: server.url })
    await client.connect()
  })
  afterAll(async () => {
    client.destroy()
    await server.close()
  })

  async function bytes(): Promise<number> {
    return Number(/^used_memory:(\d+)/m.exec(await client.info('memory'))?.[1])
  }

  /** The keys that have to go. */
  async function left(): Promise<string[]> {
    return (await client.keys('*')).filter((key) => !STAYS.test(key))
  }

  /** Lets the time of what goes by itself be over now: nobody has to look for it. */
  async function bringForward(): Promise<void> {
    const bring = async (key: string): Promise<number> => {
      const ms = await client.pTTL(key)
      await client.pExpire(key, 1)
      return ms
    }
    const times = await Promise.all((await left()).map(bring))
    expect(times).not.toContain(-1)
    expect(Math.max(0, ...times)).toBeLessThanOrEqual(LONGEST_MS)
  }

  test('leave nothing in Redis when their time is over, 10,000 of them, and nothing scans', {
    timeout: 180_000,
  }, async () => {
    const registry = new ObserverRegistry(LIMITS)
    const store = redisStore({ url: server.url, limits: LIMITS, rememberMs: REMEMBER_MS })
    const bridges = new OpenBridges()
    onTestFinished(async () => {
      await bridges.closeAll()
      await store.close()
      registry.dispose()
    })
    await store.opened()
    store.record(registry)
    const { url } = await bridges.open({ store })

    async function record(count: number): Promise<void> {
      for (let at = 0; at < count; at++) {
        const observer = registry.create(`run-recorded-${at}`)
        emitEvents(observer, 5)
        endRun(observer)
        if (at % AT_ONCE === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      await came(`run-recorded-${count - 1}`)
    }

    async function receive(count: number): Promise<void> {
      for (let from = 1; from <= count; from += AT_ONCE) {
        const spans = Array.from({ length: Math.min(AT_ONCE, count - from + 1) }, (_, at) =>
          makeSpan({
            traceId: (from + at).toString(16).padStart(32, '0'),
            name: 'invoke_agent Planner',
            attributes: {
              'gen_ai.operation.name': 'invoke_agent',
              'spancast.run.id': `run-received-${from + at}`,
            },
          }),
        )
        const body = new Uint8Array(traceRequest('protobuf', spans))
        const headers = { 'Content-Type': 'application/x-protobuf' }
        // As a sender does that is told to come back.
        await vi.waitFor(async () => {
          const { status } = await fetch(`${url}/v1/traces`, { method: 'POST', body, headers })
          expect(status).toBe(200)
        }, WAIT)
      }
      await came(`run-received-${count}`)
    }

    async function statusOf(id: string): Promise<number> {
      return (await get(`${url}/api/agents/${id}`)).status
    }

    /** Resolves when the store has it, or had it. */
    async function came(id: string): Promise<void> {
      await vi.waitFor(async () => expect(await statusOf(id)).not.toBe(404), WAIT)
    }

    /** Resolves when all runs went and are forgotten. */
    async function over(ids: readonly string[]): Promise<void> {
      await vi.waitFor(async () => {
        expect(await client.zCard('spancast:{index}:runs')).toBe(0)
        expect(await Promise.all(ids.map(statusOf))).toEqual([404, 404])
      }, WAIT)
    }

    // Scripts, channels and what stays for all runs are there before it is measured.
    await Promise.all([record(AT_ONCE), receive(AT_ONCE)])
    await over(['run-recorded-0', 'run-received-1'])
    await bringForward()
    const before = await bytes()
    await client.configResetStat()

    await Promise.all([record(RECORDED), receive(RECEIVED)])
    const most = await bytes()
    await over([`run-recorded-${RECORDED - 1}`, `run-received-${RECEIVED}`])

    expect(await client.info('commandstats')).not.toMatch(/cmdstat_(scan|keys)\b/)
    expect(most).toBeGreaterThan(before + 10 * SLACK_BYTES)
    await bringForward()
    await vi.waitFor(async () => {
      expect(await left()).toEqual([])
      expect(await bytes()).toBeLessThan(before + SLACK_BYTES)
    }, WAIT)
  })
})
