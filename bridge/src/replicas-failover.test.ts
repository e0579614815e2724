import { ObserverRegistry } from '@spancast/sdk'
import { EventSource } from 'eventsource'
import { expect, onTestFinished, test, vi } from 'vitest'
import { emitEvents, endRun } from './sse/testing/emit.ts'
import { redisStore } from './store/redis/redis-store.ts'
import { RedisCluster } from './store/testing/redis-cluster.ts'
import { redisMissing } from './store/testing/redis-server.ts'
import { OpenBridges } from './testing/open-bridges.ts'

if (redisMissing !== undefined) process.stderr.write(`${redisMissing}\n`)

const WAIT = { timeout: 60_000, interval: 20 }
const RUNS = Array.from({ length: 12 }, (_, at) => `run-in-shards-${at}`)

/** What a reader was told since its run last began anew, and whether each came right after the one before. */
class Told {
  readonly source: EventSource
  seqs: number[] = []
  restarts = 0
  inOrder = true
  ended = false

  constructor(url: string) {
    this.source = new EventSource(url)
    this.source.onmessage = ({ data, lastEventId }) => this.#take(JSON.parse(data), lastEventId)
  }

  #take({ type, reason }: { type: string; reason?: string }, id: string): void {
    if (type === 'stream.end') {
      this.ended = reason === 'completed'
      if (this.ended) this.source.close()
      return
    }
    const seq = Number(id.split('.')[1])
    if (type === 'stream.gap') {
      this.inOrder &&= reason === 'restarted' && seq === 0
      this.restarts++
      this.seqs = []
      return
    }
    this.inOrder &&= seq === (this.seqs.at(-1) ?? 0) + 1
    this.seqs.push(seq)
  }
}

test.skipIf(redisMissing !== undefined)(
  'readers of runs in all shards of a cluster go on when a replica takes the place of a master',
  { timeout: 180_000 },
  async () => {
    const cluster = await RedisCluster.open({ replicas: true })
    onTestFinished(() => cluster.close())
    const shards = await Promise.all(RUNS.map((id) => cluster.shardOf(`spancast:run:{${id}}`)))
    expect(new Set(shards).size).toBe(3)
    const bridges = new OpenBridges()
    const registry = new ObserverRegistry()
    const open = async (runs: ObserverRegistry): Promise<string> => {
      const store = redisStore({ url: cluster.url, cluster: true })
      onTestFinished(() => store.close())
      await store.opened()
      store.record(runs)
      return (await bridges.open({ store })).url
    }
    const urls = [await open(registry), await open(new ObserverRegistry())]
    onTestFinished(() => bridges.closeAll())
    const observers = RUNS.map((id) => registry.create(id))
    const readers = RUNS.flatMap((id) =>
      urls.map((url) => new Told(`${url}/api/agents/${id}/stream?wait=60`)),
    )
    onTestFinished(() => {
      for (const { source } of readers) source.close()
    })
    const emit = (): void => {
      for (const observer of observers) emitEvents(observer, 3)
    }
    const all = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1)
    const told = async (last: number): Promise<void> => {
      const seqs = (): number[][] => readers.map((reader) => reader.seqs)
      await vi.waitFor(() => expect(seqs()).toEqual(readers.map(() => all(last))), WAIT)
    }
    emit()
    await told(4)

    // First one that runs are in and the list of all runs is not; then that of the list.
    const list = await cluster.shardOf('spancast:{index}:runs')
    for (const [at, shard] of [(list + 1) % 3, list].entries()) {
      await cluster.settled()
      await cluster.killMaster(shard)
      emit()
      await told(7 + 3 * at)
    }
    for (const observer of observers) endRun(observer)
    await vi.waitFor(() => expect(readers.every(({ ended }) => ended)).toBe(true), WAIT)

    await told(11)
    expect(readers.every(({ inOrder }) => inOrder)).toBe(true)
    const seen = await fetch(`${urls[1]}/api/agents?limit=50`)
    expect(((await seen.json()) as { runs: unknown[] }).runs).toHaveLength(RUNS.length)
  },
)
