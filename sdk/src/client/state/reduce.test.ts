import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AgentEvent } from '../../event/agent-event.ts'
import { arbitraryRun } from '../testing/arbitrary-run.ts'
import { plain } from '../testing/plain-state.ts'
import { script, TOTALS, TRACE_ID, USAGE } from '../testing/scripted-run.ts'
import { missingIn } from './gaps.ts'
import { type RunRecord, reduce } from './reduce.ts'
import { initialState, MAX_LOG, MAX_SPANS, type RunState } from './run-state.ts'
import { spanStatus, walk } from './span-index.ts'
import { MAX_TEXT } from './span-state.ts'

const RESEARCH = script(
  { type: 'run.start', spanId: 'r', name: 'research', input: 'Why?' },
  { type: 'agent.start', spanId: 'r', nodeName: 'research', nodeKind: 'workflow' },
  { type: 'agent.tool.start', spanId: 't', parentSpanId: 'r', toolName: 'search', args: ['q'] },
  {
    type: 'agent.tool.end',
    spanId: 't',
    parentSpanId: 'r',
    toolName: 'search',
    duration: 4,
    error: { type: 'TimeoutError', message: 'too long' },
  },
  { type: 'agent.llm.start', spanId: 'm', parentSpanId: 'r', model: 'm-1', provider: 'p' },
  { type: 'agent.chunk', spanId: 'm', parentSpanId: 'r', index: 0, delta: 'Be', kind: 'text' },
  { type: 'agent.chunk', spanId: 'm', parentSpanId: 'r', index: 1, delta: 'cause', kind: 'text' },
  {
    type: 'agent.llm.end',
    spanId: 'm',
    parentSpanId: 'r',
    model: 'm-1',
    duration: 3,
    tokenUsage: USAGE,
    cost: 0.25,
  },
  { type: 'agent.end', spanId: 'r', nodeName: 'research', duration: 9, output: 'So', ...TOTALS },
  { type: 'run.end', spanId: 'r', status: 'ok', duration: 9, output: 'So', ...TOTALS },
)

function after(records: readonly RunRecord[], from = initialState('run-scripted')): RunState {
  return records.reduce(reduce, from)
}

test('what began as a step and ended as a tool is a tool, in whatever order that is read', () => {
  const records = script(
    { type: 'agent.start', spanId: 't', nodeName: 'get_weather', nodeKind: 'step' },
    {
      type: 'agent.tool.end',
      spanId: 't',
      toolName: 'get_weather',
      duration: 4,
      args: { city: 'Rome' },
      result: 21,
    },
  )

  for (const order of [records, [...records].reverse()]) {
    expect(after(order).spans.get('t')).toMatchObject({
      kind: 'tool',
      name: 'get_weather',
      status: 'ok',
      input: { city: 'Rome' },
      output: 21,
    })
  }
})

test('a run is a tree of spans with what each of them said', () => {
  const state = after(RESEARCH)

  expect(state.run).toMatchObject({
    name: 'research',
    status: 'ok',
    traceId: TRACE_ID,
    output: 'So',
  })
  expect(
    [...walk(state.spans, state.rootIds)].map(({ span, depth }) => [depth, span.name]),
  ).toEqual([
    [0, 'research'],
    [1, 'search'],
    [1, 'm-1'],
  ])
  expect(state.spans.get('t')).toMatchObject({ kind: 'tool', status: 'error', input: ['q'] })
  expect(state.spans.get('m')).toMatchObject({ kind: 'llm', text: 'Because', cost: 0.25 })
  expect(state.usage).toEqual({ ...TOTALS, calls: 1, final: true })
  expect(state.firstError).toMatchObject({ spanId: 't', name: 'search' })
  expect([...state.openIds]).toEqual([])
})

test('while it goes on, it says what is open and what has been spent', () => {
  expect([...after(RESEARCH.slice(0, 5)).openIds]).toEqual(['r', 'm'])
  const state = after(RESEARCH.slice(0, 8))
  expect(state.run.status).toBe('running')
  expect(state.usage).toEqual({ ...TOTALS, calls: 1, final: false })
})

test('any order of arrival, with any repeats, comes to the same', () => {
  fc.assert(
    fc.property(
      arbitraryRun.chain((run) =>
        fc.tuple(
          fc.constant(run),
          fc.shuffledSubarray([...run, ...run], { minLength: run.length * 2 }),
        ),
      ),
      ([run, arrived]) => {
        expect(plain(after(arrived))).toEqual(plain(after(run)))
      },
    ),
    { numRuns: 200, verbose: 0 },
  )
})

test('a state is never changed by what is made of it', () => {
  fc.assert(
    fc.property(arbitraryRun, fc.nat(), fc.boolean(), (run, at, turned) => {
      const cut = at % run.length
      const early = after(run.slice(0, cut))
      const before = plain(early)
      const rest = run.slice(cut)

      after(turned ? rest.toReversed() : rest, early)
      const twice = after(rest, early)

      expect(plain(early)).toEqual(before)
      expect(plain(twice)).toEqual(plain(after(run)))
    }),
    { numRuns: 100, verbose: 0 },
  )
})

test('a record that says nothing new gives the very same state', () => {
  const state = after(RESEARCH)

  expect(after(RESEARCH, state)).toBe(state)
})

test('the root of a run that observeRun opened is a node by what the run says', () => {
  const error = { type: 'Error', message: 'broke' }
  const state = after(
    script(
      { type: 'run.start', spanId: 'r', name: 'job', input: 1 },
      { type: 'agent.tool.start', spanId: 't', parentSpanId: 'r', toolName: 'search', args: [] },
      { type: 'run.end', spanId: 'r', status: 'cancelled', duration: 9, error, ...TOTALS },
    ),
  )

  expect([...state.rootIds]).toEqual(['r'])
  expect(state.spans.get('r')).toMatchObject({
    kind: 'workflow',
    name: 'job',
    status: 'cancelled',
    input: 1,
    duration: 9,
    ...TOTALS,
  })
  expect([...state.errorIds]).toEqual(['r'])
})

test('a run that no span opened has the spans alone as its roots', () => {
  const spanId = '0000000000000000'
  const state = after(
    script(
      { type: 'run.start', spanId, name: 'job' },
      { type: 'agent.start', spanId: 'a', nodeName: 'a', nodeKind: 'agent' },
    ),
  )

  expect([[...state.rootIds], state.run.rootSpanId]).toEqual([['a'], undefined])
})

test('children whose parent was lost stay together under a span that is not known', () => {
  const state = after(RESEARCH.slice(2, 4))

  expect([...walk(state.spans, state.rootIds)].map(({ span }) => [span.kind, span.spanId])).toEqual(
    [
      ['unknown', 'r'],
      ['tool', 't'],
    ],
  )
})

test('a span that turns out to hang elsewhere is moved with all below it', () => {
  const state = after(
    script(
      { type: 'agent.start', spanId: 'a', nodeName: 'a', nodeKind: 'agent' },
      { type: 'agent.start', spanId: 'b', nodeName: 'b', nodeKind: 'agent' },
      { type: 'agent.start', spanId: 'c', parentSpanId: 'b', nodeName: 'c', nodeKind: 'agent' },
      { type: 'agent.moved', spanId: 'b', parentSpanId: 'a' },
    ),
  )

  expect(
    [...walk(state.spans, state.rootIds)].map(({ span, depth }) => [depth, span.name]),
  ).toEqual([
    [0, 'a'],
    [1, 'b'],
    [2, 'c'],
  ])
})

test('spans that claim to be their own ancestors harm nobody', () => {
  const state = after(
    script(
      { type: 'agent.start', spanId: 'a', parentSpanId: 'b', nodeName: 'a', nodeKind: 'agent' },
      { type: 'agent.start', spanId: 'b', parentSpanId: 'a', nodeName: 'b', nodeKind: 'agent' },
      { type: 'agent.start', spanId: 'c', parentSpanId: 'c', nodeName: 'c', nodeKind: 'agent' },
    ),
  )

  expect([...walk(state.spans, state.rootIds)].map(({ span }) => span.name)).toEqual(['c'])
})

test('an event of a type that is not known is logged, and changes nothing else', () => {
  const before = after(RESEARCH.slice(0, 3))
  // A bridge newer than this client.
  const unknown = { ...RESEARCH[3], type: 'agent.dreamt' } as unknown as AgentEvent

  const state = reduce(before, unknown)

  expect(state.log.at(-1)).toBe(unknown)
  expect(state.spans).toBe(before.spans)
})

describe('gaps', () => {
  test('that touch are one, and what survived of them is not missing', () => {
    const [first, , third] = RESEARCH
    const gap = { type: 'stream.gap', reason: 'overwritten' } as const

    const state = after([
      ...(first ? [first] : []),
      { ...gap, from: 2, to: 5 },
      ...(third ? [third] : []),
      { ...gap, from: 6, to: 8 },
      { ...gap, from: 2, to: 5 },
    ])

    expect(state.gaps).toEqual([{ reason: 'overwritten', from: 2, to: 8 }])
    expect(state.gaps.map((one) => missingIn(state, one))).toEqual([6])
  })

  test('a buffer that began anew replaces what is known once something of it comes', () => {
    const told = reduce(after(RESEARCH), { type: 'stream.gap', reason: 'restarted' })
    expect([told.stale, told.spans.size]).toEqual([true, 3])

    const state = after(RESEARCH.slice(0, 2), told)

    expect([state.stale, state.restarts, state.run.status]).toEqual([false, 1, 'running'])
    expect([...state.log]).toEqual(RESEARCH.slice(0, 2))
  })

  test('a span whose end was lost is open no more when its run is over', () => {
    const state = after(RESEARCH.filter(({ type }) => type !== 'agent.llm.end'))
    const span = state.spans.get('m')

    expect(span && spanStatus(state, span)).toBe('unknown')
  })
})

test('a run that gives no sign of life is stalled until it gives one', () => {
  const beat = { type: 'client.heartbeat', serverTime: 1_000_000, receivedAt: 1_000_300 } as const

  const stalled = after([...RESEARCH.slice(0, 2), { ...beat, lastSeenAt: 1_000_000 - 45_001 }])
  expect([stalled.run.status, stalled.skewMs]).toEqual(['stalled', -300])

  expect(after(RESEARCH.slice(2, 3), stalled).run.status).toBe('running')
  expect(after([{ ...beat, lastSeenAt: 1_000_000 }], stalled).run.status).toBe('running')
  expect(after([{ ...beat, lastSeenAt: 0 }], after(RESEARCH)).run.status).toBe('ok')
})

test('the log keeps the newest events and counts those it let go', () => {
  const [event] = script({ type: 'agent.event', spanId: 'r', name: 'n', content: 1 })
  let state = initialState('run-scripted')

  for (let seq = 1; event !== undefined && seq <= MAX_LOG + 10; seq++) {
    state = reduce(state, { ...event, seq })
  }

  expect([state.log.length, state.log.at(0)?.seq, state.logDropped]).toEqual([MAX_LOG, 11, 10])
  expect(event && reduce(state, { ...event, seq: 5 })).toBe(state)
})

test('spans and texts are kept up to a limit; what is beyond is counted, or left out', () => {
  let state = initialState('run-scripted')
  const [start, chunk] = script(
    { type: 'agent.tool.start', spanId: 's', parentSpanId: 'r', toolName: 'search', args: [] },
    { type: 'agent.chunk', spanId: 's', index: 0, delta: 'x'.repeat(MAX_TEXT / 2), kind: 'text' },
  )
  if (start === undefined || chunk === undefined) throw new Error('unreachable')

  for (let seq = 1; seq <= MAX_SPANS + 5; seq++) {
    state = reduce(state, { ...start, seq, spanId: `s${seq}` })
  }
  expect(state.spans.size).toBeLessThanOrEqual(MAX_SPANS)
  expect(state.unplaced).toBe(MAX_SPANS + 5 - (state.spans.size - 1))

  for (let seq = 1; seq <= 4; seq++) {
    state = reduce(state, { ...chunk, seq: MAX_SPANS + 5 + seq, spanId: 's1' })
  }
  expect(state.spans.get('s1')?.text.length).toBe(MAX_TEXT)
})
