import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emitChunks, emitEvents, endRun } from '../sse/testing/emit.ts'
import { RawReader, type Received } from '../sse/testing/raw-reader.ts'
import { streamServer } from '../sse/testing/stream-server.ts'

const RUN = 'run-12345678'

type Step =
  | { readonly do: 'emit' | 'talk'; readonly count: number }
  | { readonly do: 'turn' | 'connect' }
  | { readonly do: 'pause' | 'resume' | 'reconnect'; readonly reader: number }

const count = fc.integer({ min: 1, max: 60 })
const reader = fc.nat(5)
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ do: fc.constantFrom('emit' as const, 'talk' as const), count }),
  fc.record({ do: fc.constantFrom('turn' as const, 'connect' as const) }),
  fc.record({
    do: fc.constantFrom('pause' as const, 'resume' as const, 'reconnect' as const),
    reader,
  }),
)

test('over sockets, too, each event arrives once and in order, or its loss is announced', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.integer({ min: 1, max: 100 }),
      async (steps, maxEvents) => {
        await using server = await streamServer({ runs: { maxEvents, maxChunks: 20 } })
        const observer = server.registry.create(RUN)
        const readers: RawReader[][] = []
        const connect = (cursor: string | undefined): RawReader => {
          const headers = cursor === undefined ? {} : { 'Last-Event-ID': cursor }
          return new RawReader(server.port, `/api/agents/${RUN}/stream`, { headers })
        }

        for (const now of steps) {
          const at = 'reader' in now ? now.reader % (readers.length || 1) : 0
          const connections = readers[at] ?? []
          if (now.do === 'emit') emitEvents(observer, now.count)
          else if (now.do === 'talk') emitChunks(observer, now.count)
          else if (now.do === 'connect') readers.push([connect(undefined)])
          else if (now.do === 'pause') connections.at(-1)?.socket.pause()
          else if (now.do === 'resume') connections.at(-1)?.socket.resume()
          else if (now.do === 'reconnect' && connections.length > 0) {
            connections.at(-1)?.leave()
            connections.push(connect(cursorOf(connections)))
          }
          await new Promise((resolve) => setImmediate(resolve))
        }
        emitEvents(observer, 1)
        endRun(observer)

        for (const connections of readers) {
          const last = connections.at(-1)
          last?.socket.resume()
          await last?.over()
          const records = connections.flatMap((each) => [...each.records, undefined])
          expect(missing(records, observer.lastSeq)).toEqual([])
        }
      },
    ),
    { numRuns: 40 },
  )
})

/** What an EventSource would send: the last id of any of its connections. */
function cursorOf(connections: readonly RawReader[]): string | undefined {
  return connections.map(({ parser }) => parser.cursor).findLast(Boolean)
}

/** The events that neither arrived nor were announced as lost. `undefined` stands between two connections. */
function missing(records: readonly (Received | undefined)[], lastSeq: number): number[] {
  const got = new Set<number>()
  const told = new Set<number>()
  let last = 0
  for (const record of records) {
    if (record === undefined) last = 0
    else if (record.type === 'stream.gap') {
      for (let seq = record.from ?? 1; seq <= (record.to ?? 0); seq++) told.add(seq)
    } else if (record.seq !== undefined) {
      expect(record.seq).toBeGreaterThan(last)
      expect(got.has(record.seq)).toBe(false)
      last = record.seq
      got.add(last)
    }
  }
  const all = Array.from({ length: lastSeq }, (_, at) => at + 1)
  return all.filter((seq) => !got.has(seq) && !told.has(seq))
}
