import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { find, told, tree } from '../testing/telling.ts'
import type { LinkRecord } from './collected-span.ts'
import {
  AGENT,
  CALL,
  type Collecting,
  idOf,
  RUN,
  Source,
  span,
  startCollecting,
  T0,
  TOOL,
  TRACE,
  usage,
} from './testing/collecting.ts'

const RUN_ID = 'run-00001'
// How long a run of several processes has to be quiet to be over.
const QUIET_MS = 1000
const NO_CALLS = { tokenUsage: { inputTokens: 0, outputTokens: 0, totalTokens: 0 }, cost: 0 }
const ENDED = {
  status: 'ok',
  duration: 100,
  timestamp: T0 + 100,
  unpricedCalls: 0,
  unmeteredCalls: 0,
  ...NO_CALLS,
}

let c: Collecting
let a: Source
beforeEach(() => {
  vi.useFakeTimers({ now: T0 + 60_000 })
  c = startCollecting()
  a = new Source(RUN_ID)
})
afterEach(() => {
  c.registry.dispose()
  vi.useRealTimers()
})

const below = (parent: string): { parentSpanId: string } => ({ parentSpanId: idOf(parent) })
const types = (): string[] => c.events(RUN_ID).map(({ type }) => type)

/** The records of a run of one agent that calls a tool. */
function script(): Record<
  'run' | 'agent' | 'tool' | 'toolEnd' | 'agentEnd' | 'runEnd',
  LinkRecord
> {
  return {
    run: a.next('run.start', 'Team', { name: 'Team', input: 'why?' }),
    agent: a.next('agent.start', 'Planner', {
      nodeName: 'Planner',
      nodeKind: 'agent',
      ...below('Team'),
    }),
    tool: a.next('agent.tool.start', 'search', {
      toolName: 'search',
      args: 1,
      ...below('Planner'),
    }),
    toolEnd: a.next('agent.tool.end', 'search', {
      toolName: 'search',
      duration: 5,
      result: 2,
      ...below('Planner'),
    }),
    agentEnd: a.next('agent.end', 'Planner', {
      nodeName: 'Planner',
      duration: 50,
      ...below('Team'),
    }),
    runEnd: a.next('run.end', 'Team', ENDED),
  }
}

/** The same run as its spans tell it. */
const SPANS = [
  span('search', TOOL, { parent: 'Planner', run: RUN_ID, for: 5 }),
  span('Planner', AGENT, { parent: 'Team', run: RUN_ID, for: 50 }),
  span('Team', RUN, { run: RUN_ID, for: 100 }),
]

const WHOLE = [
  'run.start',
  'agent.start',
  'agent.tool.start',
  'agent.tool.end',
  'agent.end',
  'run.end',
]

describe('the records of a live link', () => {
  test('become the events that they hold, stamped anew', () => {
    c.link(...Object.values(script()))

    expect(types()).toEqual(WHOLE)
    expect(c.events(RUN_ID)).toMatchObject([
      { seq: 1, name: 'Team', input: 'why?', spanId: idOf('Team'), randomId: RUN_ID },
      { seq: 2, nodeName: 'Planner', parentSpanId: idOf('Team') },
      { seq: 3, toolName: 'search', args: 1, parentSpanId: idOf('Planner') },
      { seq: 4, result: 2, duration: 5 },
      { seq: 5, duration: 50 },
      { seq: 6, status: 'ok', duration: 100, timestamp: T0 + 100, cost: 0 },
    ])
    expect(c.registry.get(RUN_ID)?.summary()).toMatchObject({
      name: 'Team',
      steps: 2,
      openSpans: 0,
      traceIds: [TRACE],
    })
  })

  test('count once each, whatever is sent again, in whatever order', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5), { maxLength: 12 }), fc.boolean(), (again, spansToo) => {
        c = startCollecting()
        a = new Source(RUN_ID)
        const records = Object.values(script())

        for (const [index, record] of records.entries()) {
          c.link(record)
          for (const one of again) if (one <= index) c.link(records[one] as LinkRecord)
          if (spansToo) c.send(...SPANS.slice(0, Math.floor(index / 2)))
        }
        c.send(...SPANS, ...SPANS)

        expect(types().filter((type) => type !== 'agent.moved')).toHaveLength(WHOLE.length)
        expect(types().at(-1)).toBe('run.end')
        expect(c.registry.get(RUN_ID)?.summary().lateEvents).toBe(0)
      }),
    )
  })

  describe.each(['with its spans beside it', 'alone'])(
    'of a run that an agent opened, %s',
    (how) => {
      const lost = how === 'alone' ? [] : [0, 1, 2]
      test.each([-1, ...lost])('tell of both, also when record %i was lost', (gone) => {
        const records = [
          a.next('run.start', 'Planner', { name: 'Planner' }),
          a.next('agent.start', 'Planner', { nodeName: 'Planner', nodeKind: 'agent' }),
          a.next('agent.end', 'Planner', { nodeName: 'Planner', duration: 100 }),
          a.next('run.end', 'Planner', ENDED),
        ]

        c.link(...records.filter((_, at) => at !== gone))
        if (how !== 'alone') c.send(span('Planner', AGENT, { run: RUN_ID, for: 100 }))
        vi.advanceTimersByTime(c.registry.limits.runGraceMs)

        expect(types().toSorted()).toEqual(['agent.end', 'agent.start', 'run.end', 'run.start'])
        expect(find(c.events(RUN_ID), 'agent.start').spanId).toBe(idOf('Planner'))
      })
    },
  )

  test('that were emitted by hand, without spans, are told apart by their numbers', () => {
    const first = a.next('agent.start', undefined, {
      nodeId: 'n1',
      nodeName: 'one',
      traceId: '0'.repeat(32),
    })
    const second = a.next('agent.start', undefined, {
      nodeId: 'n2',
      nodeName: 'two',
      traceId: '0'.repeat(32),
    })
    c.link(first, second, first)
    const elsewhere = new Source('run-00002', 'process.two')
    c.link(
      elsewhere.next('agent.event', undefined, {
        name: 'progress',
        content: 1,
        traceId: '0'.repeat(32),
      }),
    )

    expect(told(c.events(RUN_ID))).toEqual(['run.start one', 'agent.start one', 'agent.start two'])
    expect(told(c.events('run-00002'))).toEqual(['run.start run', 'agent.event progress'])
  })

  test('count for the ring with all that they hold', () => {
    c.link(a.next('agent.event', 'Team', { name: 'big', content: { text: ['x'.repeat(100_000)] } }))

    expect(c.registry.bytes).toBeGreaterThan(100_000)
  })

  test('of which the first are gone begin the run all the same', () => {
    const records = script()
    c.link(records.toolEnd, records.agentEnd)

    expect(types()).toEqual(['run.start', 'agent.tool.end', 'agent.end'])
  })

  test('with nonsense in them end the run with what can be made of it', () => {
    const { run } = script()
    c.link(
      run,
      a.next('run.end', 'Team', { status: 'odd', cost: 'much', error: 7, truncated: 'x' }),
    )
    vi.advanceTimersByTime(c.registry.limits.runGraceMs)

    expect(c.events(RUN_ID).at(-1)).toMatchObject({ type: 'run.end', status: 'ok', cost: 0 })
    expect(c.events(RUN_ID).at(-1)).not.toHaveProperty('error')
  })

  test('a heartbeat is a sign of life, and opens nothing', () => {
    c.link(new Source('run-00009').heartbeat())
    expect(c.registry.size).toBe(0)

    c.link(script().run)
    for (let i = 0; i < 20; i++) {
      vi.advanceTimersByTime(c.registry.limits.runIdleMs / 2)
      c.link(a.heartbeat())
    }

    expect(c.registry.get(RUN_ID)?.summary().status).toBe('running')
  })
})

describe('a span that is known by link and as a span', () => {
  test('keeps the start of the one and the end of the other, once each', () => {
    const { run, agent, tool } = script()
    c.link(run, agent, tool)
    c.send(...SPANS)
    vi.advanceTimersByTime(c.registry.limits.runGraceMs)

    expect(types()).toEqual(WHOLE)
    expect(find(c.events(RUN_ID), 'agent.tool.end')).toMatchObject({
      toolName: 'search',
      duration: 5,
      timestamp: T0 + 5,
      parentSpanId: idOf('Planner'),
    })
    expect(c.registry.get(RUN_ID)?.summary()).toMatchObject({ status: 'ok', openSpans: 0 })
  })

  test('keeps its end by link, and gets the start that the link has lost', () => {
    const { run, agent, toolEnd, agentEnd, runEnd } = script()
    c.link(run, agent, toolEnd, agentEnd, runEnd)
    expect(types()).toEqual(['run.start', 'agent.start', 'agent.tool.end', 'agent.end'])

    c.send(...SPANS)

    expect(types()).toEqual([
      'run.start',
      'agent.start',
      'agent.tool.end',
      'agent.end',
      'agent.tool.start',
      'run.end',
    ])
  })

  test('counts its model call once, in the totals of its nodes and of its run', () => {
    const model = { ...CALL, ...usage(7, 0.5) }
    const { run, agent } = script()
    const start = a.next('agent.llm.start', 'model', { model: 'm', ...below('Planner') })
    c.link(run, agent, start)
    c.send(span('model', model, { parent: 'Planner', run: RUN_ID }))
    c.send(span('model', model, { parent: 'Planner', run: RUN_ID }), ...SPANS)
    vi.advanceTimersByTime(c.registry.limits.runGraceMs)

    const totals = { tokenUsage: { inputTokens: 7 }, cost: 0.5 }
    expect(find(c.events(RUN_ID), 'agent.end')).toMatchObject(totals)
    expect(c.events(RUN_ID).at(-1)).toMatchObject({ type: 'run.end', ...totals })
  })

  test('whose parent the link has lost moves when that comes as a span', () => {
    const { run, tool } = script()
    c.link(run, tool)
    c.send(...SPANS)

    expect(tree(c.events(RUN_ID))).toEqual(['Team', 'search', 'Planner < Team'])
    expect(find(c.events(RUN_ID), 'agent.moved')).toMatchObject({
      spanId: idOf('search'),
      parentSpanId: idOf('Planner'),
      nodeId: idOf('Planner'),
    })
  })
})

describe('the end of a run', () => {
  test('waits until spans have filled what the link lost, and no longer', () => {
    const { run, agent, agentEnd, runEnd } = script()
    c.link(run, agent, agentEnd, runEnd)
    c.send(SPANS[2] as (typeof SPANS)[number])
    expect(types().at(-1)).toBe('agent.end')

    c.send(SPANS[0] as (typeof SPANS)[number])

    expect(types().at(-1)).toBe('run.end')
  })

  test('waits for what no span can fill until the grace is over', () => {
    const { run, agent, agentEnd } = script()
    a.last += 3
    c.link(run, agent, agentEnd, a.next('run.end', 'Team', ENDED))

    vi.advanceTimersByTime(c.registry.limits.runGraceMs - 1)
    expect(types().at(-1)).toBe('agent.end')
    vi.advanceTimersByTime(1)

    expect(types().at(-1)).toBe('run.end')
  })

  test('does not take spans of processes without a link for what is missing', () => {
    const { run, agent, agentEnd, runEnd } = script()
    c.link(run, agent, agentEnd, runEnd)

    c.send(
      span('python', AGENT, { parent: 'Planner' }),
      span('python-2', AGENT, { parent: 'Planner' }),
    )

    expect(c.registry.get(RUN_ID)?.summary().status).toBe('running')
  })

  test('does not take a span that was faster than the link for what is missing', () => {
    const { run, agent, tool, toolEnd, agentEnd } = script()
    c.link(run)
    c.send(...SPANS.slice(0, 2))
    // One record, such as a chunk, is lost.
    c.link(agent, tool, toolEnd, agentEnd, a.next('run.end', 'Team', ENDED))
    expect(types().at(-1)).toBe('agent.end')

    vi.advanceTimersByTime(c.registry.limits.runGraceMs)

    expect(types()).toEqual(WHOLE)
  })

  test('waits for what other processes have open', () => {
    const b = new Source(RUN_ID, 'process.two')
    const { run, agent, tool, toolEnd, agentEnd, runEnd } = script()
    c.link(
      run,
      agent,
      tool,
      b.next('agent.start', 'Helper', { nodeName: 'Helper', ...below('search') }),
    )
    c.link(toolEnd, agentEnd, runEnd)
    expect(c.registry.get(RUN_ID)?.summary().status).toBe('running')

    c.link(b.next('agent.end', 'Helper', { nodeName: 'Helper', duration: 5, ...below('search') }))
    vi.advanceTimersByTime(QUIET_MS)

    expect(types().slice(-2)).toEqual(['agent.end', 'run.end'])
  })

  test('of one process that has called no other is told at once', () => {
    const { run, agent, tool, toolEnd, agentEnd, runEnd } = script()
    c.link(run, agent, tool, toolEnd, agentEnd, runEnd)

    expect(types().at(-1)).toBe('run.end')
  })

  test('waits a moment for what a process that was called has not told yet, and for all of that', () => {
    const b = new Source(RUN_ID, 'process.two')
    const { run, agent, tool, toolEnd, agentEnd, runEnd } = script()
    c.link(run, agent, tool, toolEnd, agentEnd, { ...runEnd, calledOut: true })
    vi.advanceTimersByTime(QUIET_MS - 1)

    c.link(b.next('agent.start', 'Helper', { nodeName: 'Helper', ...below('search') }))
    vi.advanceTimersByTime(3 * QUIET_MS)
    c.link(b.next('agent.end', 'Helper', { nodeName: 'Helper', duration: 5, ...below('search') }))
    c.link(b.next('agent.event', 'Helper', { name: 'note', content: 1 }))
    vi.advanceTimersByTime(QUIET_MS)

    expect(types().slice(-4)).toEqual(['agent.start', 'agent.end', 'agent.event', 'run.end'])
    expect(c.registry.get(RUN_ID)?.summary().lateEvents).toBe(0)
  })

  test('waits no longer than that where nobody tells anything', () => {
    const { run, agent, tool, toolEnd, agentEnd, runEnd } = script()
    c.link(run, agent, tool, toolEnd, agentEnd, { ...runEnd, calledOut: true })
    expect(types().at(-1)).toBe('agent.end')

    vi.advanceTimersByTime(QUIET_MS)

    expect(types().at(-1)).toBe('run.end')
  })

  test('waits no longer than the grace, however much comes', () => {
    const b = new Source(RUN_ID, 'process.two')
    const { run, agent, tool, toolEnd, agentEnd, runEnd } = script()
    c.link(run, agent, tool, toolEnd, agentEnd, { ...runEnd, calledOut: true })

    for (let ms = 0; ms < c.registry.limits.runGraceMs; ms += QUIET_MS / 2) {
      c.link(b.next('agent.event', 'search', { name: 'note', content: ms }))
      vi.advanceTimersByTime(QUIET_MS / 2)
    }

    expect(types().at(-1)).toBe('run.end')
  })

  test('is what the process says that opened the run, and no other', () => {
    const b = new Source(RUN_ID, 'process.two')
    c.link(
      script().run,
      b.next('run.start', 'Helper', { name: 'Helper' }),
      b.next('run.end', 'Helper', ENDED),
    )
    c.send(span('Helper', AGENT, { parent: 'search', remote: true }))
    vi.advanceTimersByTime(3 * c.registry.limits.runGraceMs)

    expect(c.registry.get(RUN_ID)?.summary()).toMatchObject({ status: 'running', name: 'Team' })
  })

  test('comes from the span of the run if the link has lost it', () => {
    const { run, agent, tool, toolEnd, agentEnd } = script()
    c.link(run, agent, tool, toolEnd, agentEnd)
    c.send(...SPANS)

    vi.advanceTimersByTime(c.registry.limits.runGraceMs)

    expect(c.events(RUN_ID).at(-1)).toMatchObject({ status: 'ok', duration: 100 })
  })

  test('is the one that the link tells, if the span of the run was faster', () => {
    const { run, agent, tool, toolEnd, agentEnd } = script()
    c.link(run)
    c.send(...SPANS)
    c.link(agent, tool, toolEnd, agentEnd)
    a.last--
    c.link(a.next('run.end', 'Team', { ...ENDED, status: 'cancelled', output: 'enough' }))

    expect(c.events(RUN_ID).at(-1)).toMatchObject({ status: 'cancelled', output: 'enough' })
  })

  test('does not come from a part that ended before the link spoke', () => {
    c.send(span('Helper', AGENT, { parent: 'search', remote: true }))
    c.link(script().run)
    vi.advanceTimersByTime(3 * c.registry.limits.runGraceMs)

    expect(c.registry.get(RUN_ID)?.summary()).toMatchObject({ status: 'running', name: 'Team' })
  })

  test('abandons what is open still when nobody ends it', () => {
    const { run, agent } = script()
    c.link(run, agent)

    vi.advanceTimersByTime(c.registry.limits.runIdleMs + 20_000)

    expect(c.events(RUN_ID).slice(-2)).toMatchObject([
      { type: 'agent.end', nodeName: 'Planner', abandoned: true },
      { type: 'run.end', status: 'abandoned' },
    ])
  })
})

describe('a run over several processes', () => {
  const b = (): Source => new Source(TRACE, 'process.two')
  const helper = { nodeName: 'Helper', nodeKind: 'agent', ...below('search') }

  test('is one, though the other joins by its trace alone', () => {
    const { run, agent, tool } = script()
    c.link(run, agent, tool)
    const part = b()
    c.link(part.next('agent.start', 'Helper', helper), part.heartbeat())

    expect(tree(c.events(RUN_ID))).toEqual([
      'Team',
      'Planner < Team',
      'search < Planner',
      'Helper < search',
    ])
    expect(c.registry.get(TRACE)).toBe(c.registry.get(RUN_ID))
    expect(c.registry.size).toBe(1)
  })

  test('is one, though the part was there first', () => {
    const { run, agent, tool } = script()
    c.link(b().next('agent.start', 'Helper', helper))
    c.link(run, agent, tool)

    expect(c.registry.size).toBe(1)
    expect(c.registry.get(RUN_ID)?.summary().name).toBe('Team')
    const moved = c.events(RUN_ID).filter(({ type }) => type === 'agent.moved')
    expect(moved).toMatchObject([{ spanId: idOf('Helper'), parentSpanId: idOf('search') }])
  })

  test('adds up what each of them knows', () => {
    const part = new Source(RUN_ID, 'process.two')
    const call = { model: 'm', tokenUsage: { inputTokens: 5, outputTokens: 0, totalTokens: 5 } }
    const { run, agent, tool, toolEnd, agentEnd } = script()
    c.link(run, agent, tool)
    c.link(part.next('agent.llm.end', 'model', { ...call, cost: null }))
    c.link(toolEnd, agentEnd)
    const own = { inputTokens: 3, outputTokens: 1, totalTokens: 4 }
    const totals = { tokenUsage: own, cost: 0.25, unpricedCalls: 0 }
    a.last--
    c.link(a.next('run.end', 'Team', { ...ENDED, ...totals }))
    vi.advanceTimersByTime(QUIET_MS)

    expect(c.events(RUN_ID).at(-1)).toMatchObject({
      tokenUsage: { inputTokens: 8, outputTokens: 1, totalTokens: 9 },
      cost: 0.25,
      unpricedCalls: 1,
    })
  })

  test('has the usage that was recorded by hand in its totals, though the link has lost something', () => {
    const { run, agent, tool, toolEnd, agentEnd } = script()
    c.link(run, agent, tool)
    const call = { model: 'm', tokenUsage: { inputTokens: 5, outputTokens: 0, totalTokens: 5 } }
    a.last -= 2
    a.next('agent.llm.start', 'model', { model: 'm', ...below('search') })
    c.link(a.next('agent.llm.end', 'model', { ...call, cost: 0.5, ...below('search') }))
    c.link({ ...toolEnd, sourceSeq: ++a.last }, { ...agentEnd, sourceSeq: ++a.last })
    // The agent has recorded 3 tokens of its own, which no record of a call tells.
    const own = { inputTokens: 8, outputTokens: 0, totalTokens: 8 }
    c.link(a.next('run.end', 'Team', { ...ENDED, tokenUsage: own, cost: 0.75 }))
    vi.advanceTimersByTime(c.registry.limits.runGraceMs)

    expect(c.events(RUN_ID).at(-1)).toMatchObject({
      type: 'run.end',
      tokenUsage: { inputTokens: 8, totalTokens: 8 },
      cost: 0.75,
    })
  })

  test('adds up what another one has told by spans ahead of its link', () => {
    const { run, agent, tool, toolEnd, agentEnd } = script()
    c.link(run, agent, tool)
    c.send(span('model', { ...CALL, ...usage(5, 0.5) }, { parent: 'search', run: RUN_ID }))
    c.link(toolEnd, agentEnd)
    const own = { inputTokens: 3, outputTokens: 0, totalTokens: 3 }
    a.last--
    c.link(a.next('run.end', 'Team', { ...ENDED, tokenUsage: own, cost: 0.25 }))

    expect(c.events(RUN_ID).at(-1)).toMatchObject({
      type: 'run.end',
      tokenUsage: { inputTokens: 8 },
      cost: 0.75,
    })
  })

  test('adds up nothing twice where spans were faster than the link', () => {
    const model = span('model', { ...CALL, ...usage(5, 0.5) }, { parent: 'Planner', run: RUN_ID })
    const call = { model: 'm', tokenUsage: { inputTokens: 5, outputTokens: 0, totalTokens: 5 } }
    const { run, agent } = script()
    a.last = 2
    c.link(run, agent)
    c.send(model)
    c.link(a.next('agent.llm.start', 'model', { model: 'm', ...below('Planner') }))
    c.link(a.next('agent.llm.end', 'model', { ...call, cost: 0.5 }))
    c.link(a.next('agent.end', 'Planner', { nodeName: 'Planner', duration: 5 }))
    // More than its model call: usage that was recorded for the agent itself.
    const own = { inputTokens: 7, outputTokens: 0, totalTokens: 7 }
    c.link(a.next('run.end', 'Team', { ...ENDED, tokenUsage: own, cost: 0.75 }))

    expect(c.events(RUN_ID).at(-1)).toMatchObject({ type: 'run.end', tokenUsage: own, cost: 0.75 })
  })

  test('two runs of one trace stay two, if each has told its start', () => {
    const { run } = script()
    const ofTrace = new Source(TRACE, 'process.one')
    c.link(ofTrace.next('run.start', 'GET', { name: 'GET /' }), run)

    expect(c.registry.size).toBe(2)
  })
})

describe('an id that is used again', () => {
  test('begins a new epoch', () => {
    c.link(...Object.values(script()))
    const epoch = c.registry.get(RUN_ID)?.epoch
    const again = new Source(RUN_ID, 'process.again')
    c.link(again.next('run.start', 'Again', { name: 'Again', traceId: 'b'.repeat(32) }))

    expect(c.registry.get(RUN_ID)?.epoch).not.toBe(epoch)
    expect(told(c.events(RUN_ID))).toEqual(['run.start Again'])

    c.send(...SPANS)
    expect(told(c.events(RUN_ID))).toEqual(['run.start Again'])
  })

  test('does so after the run is gone, too', () => {
    c.link(...Object.values(script()))
    vi.advanceTimersByTime(c.registry.limits.retentionMs)
    expect(c.registry.size).toBe(0)
    c.link(a.next('agent.event', 'Team', { name: 'late', content: 1 }))
    expect(c.registry.size).toBe(0)

    const again = new Source(RUN_ID, 'process.again')
    c.link(again.next('run.start', 'Again', { name: 'Again', traceId: 'b'.repeat(32) }))

    expect(told(c.events(RUN_ID))).toEqual(['run.start Again'])
  })
})

test('events of a run that is over are counted, not streamed', () => {
  c.link(...Object.values(script()))
  const late = a.next('agent.event', 'Team', { name: 'late', content: 1 })

  c.link(late, late)

  expect(types()).toEqual(WHOLE)
  expect(c.registry.get(RUN_ID)?.summary().lateEvents).toBe(1)
  expect(c.collector.counts).toMatchObject({ linked: 6, late: 1, repeated: 1 })
})
