import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { CollectedSpan, OtherSpan } from './collected-span.ts'
import {
  AGENT,
  CALL,
  idOf,
  other,
  RUN,
  type SpanSpec,
  span,
  startCollecting,
  T0,
  TOOL,
  usage,
} from './testing/collecting.ts'
import { LiveReader } from './testing/live-reader.ts'

interface Node {
  readonly short: string
  readonly kind: 'agent' | 'tool' | 'llm' | 'other' | 'run'
  readonly parent: Node | undefined
  readonly tokens: number
  readonly sent: CollectedSpan | OtherSpan
}
type Naming = 'none' | 'all' | 'some'

const ATTRIBUTES = { agent: AGENT, tool: TOOL, llm: CALL, run: RUN }

const shape = fc.record({
  kind: fc.constantFrom('agent', 'tool', 'llm', 'other', 'other'),
  above: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  at: fc.nat(3),
  lasts: fc.nat(6),
  tokens: fc.nat(50),
  named: fc.boolean(),
})

/** The nearest ancestor that has events. */
function toldAbove(parent: Node | undefined): Node | undefined {
  return parent?.kind === 'other' ? toldAbove(parent.parent) : parent
}

/** A trace: its root first. All clocks count whole milliseconds. */
function treeOf(trace: number): fc.Arbitrary<Node[]> {
  return fc
    .record({
      root: fc.constantFrom('run', 'agent', 'other'),
      naming: fc.constantFrom<Naming>('none', 'all', 'some'),
      below: fc.array(shape, { minLength: 1, maxLength: 14 }),
    })
    .map(({ root, naming, below }) => {
      const nodes: Node[] = []
      const times: number[] = []
      const runId = root === 'run' ? 'all' : naming
      for (const [index, each] of [undefined, ...below].entries()) {
        const parentAt = each === undefined ? 0 : Math.floor(each.above * index)
        const parent = each === undefined ? undefined : nodes[parentAt]
        // A call right inside a call is the same one, told by another library: those have tests of their own.
        const isInner = each?.kind === 'llm' && toldAbove(parent)?.kind === 'llm'
        const kind = isInner ? 'tool' : (each?.kind ?? root)
        const at = (times[parentAt] ?? 0) + (each?.at ?? 0)
        times.push(at)
        const short = `${trace}-${index}`
        const named = runId === 'all' || (runId === 'some' && each?.named === true)
        const spec: SpanSpec = {
          trace: String(trace).repeat(32),
          parent: parent?.short,
          at,
          for: each?.lasts ?? 100,
          ...(named && { run: `run-of-${trace}` }),
        }
        const tokens = kind === 'llm' ? (each?.tokens ?? 0) : 0
        const sent =
          kind === 'other'
            ? other(short, spec)
            : span(short, { ...ATTRIBUTES[kind], ...(kind === 'llm' && usage(tokens, 0.5)) }, spec)
        nodes.push({ short, kind, parent, tokens, sent })
      }
      return nodes
    })
}

/** Some of it twice, in any order, over any number of requests. */
const delivery = fc.tuple(treeOf(1), treeOf(2)).chain((trees) => {
  const all = trees.flat()
  return fc
    .record({
      twice: fc.subarray(all),
      split: fc.array(fc.nat(8), { maxLength: 20 }),
    })
    .chain(({ twice, split }) => {
      const sent = [...all, ...twice]
      return fc
        .shuffledSubarray(sent, { minLength: sent.length })
        .map((order) => ({ trees, requests: cut(order, split) }))
    })
})

function cut(order: readonly Node[], split: readonly number[]): Node[][] {
  const left = [...order]
  const requests = split.map((count) => left.splice(0, count))
  return [...requests, left]
}

function recognised({ kind }: Node): boolean {
  return kind === 'agent' || kind === 'tool' || kind === 'llm'
}

function aboveOf(node: Node): Node | undefined {
  let at = node.parent
  while (at !== undefined && !recognised(at)) at = at.parent
  return at
}

beforeEach(() => {
  vi.useFakeTimers({ now: T0 + 1000 })
})
afterEach(() => {
  vi.useRealTimers()
})

describe('spans that come in any order, twice and over several requests', () => {
  test('give the tree that they were, each start and end once, with true times and totals', () => {
    fc.assert(
      fc.property(delivery, ({ trees, requests }) => {
        const collecting = startCollecting()
        const readers: LiveReader[] = []
        collecting.registry.listen({
          created: (observer) => readers.push(new LiveReader(observer)),
        })

        for (const request of requests) collecting.send(...request.map(({ sent }) => sent))
        vi.advanceTimersByTime(collecting.registry.limits.runGraceMs)

        for (const reader of readers) reader.check()
        for (const nodes of trees) {
          const agentic = nodes.filter((node) => recognised(node))
          const isRun = nodes[0]?.kind === 'run'
          const mine = readers.filter((reader) =>
            nodes.some(({ short }) => reader.spans.has(idOf(short))),
          )
          expect(mine.length).toBe(agentic.length > 0 ? 1 : 0)
          const [reader] = mine
          if (reader === undefined) continue
          expect(reader.end).toMatchObject({ type: 'run.end', status: 'ok' })
          expect(reader.end).toMatchObject({
            tokenUsage: { inputTokens: agentic.reduce((sum, { tokens }) => sum + tokens, 0) },
            cost: agentic.filter(({ kind }) => kind === 'llm').length * 0.5,
          })
          expect(reader.spans.size).toBe(agentic.length)
          for (const node of agentic) {
            const { startMs, endMs } = node.sent
            const seen = reader.spans.get(idOf(node.short))
            expect(seen?.start.timestamp).toBe(startMs)
            expect(seen?.end?.timestamp).toBe(endMs)
            const above = aboveOf(node)
            const root = nodes[0]
            const inTree =
              above === undefined ? [undefined, root && idOf(root.short)] : [idOf(above.short)]
            expect(inTree).toContain(seen?.parentSpanId)
          }
          if (isRun) expect(collecting.registry.get(reader.runId)?.summary().duration).toBe(100)
        }
      }),
      { numRuns: 200 },
    )
  })
})
