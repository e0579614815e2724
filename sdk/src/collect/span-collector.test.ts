import { afterEach, describe, expect, test, vi } from 'vitest'
import { configure } from '../context/content-rules.ts'
import { find, told, tree } from '../testing/telling.ts'
import {
  AGENT,
  CALL,
  idOf,
  other,
  RUN,
  span,
  T0,
  TOOL,
  TRACE,
  usage,
} from './testing/collecting.ts'
import { collectingEachTest } from './testing/collecting-each-test.ts'

const OTHER_TRACE = 'b'.repeat(32)
const PENDING = { 'logfire.span_type': 'pending_span' }

const c = collectingEachTest()
afterEach(() => {
  configure({})
})

const grace = (): void => {
  vi.advanceTimersByTime(c.registry.limits.runGraceMs)
}
const status = (randomId = TRACE): string | undefined => c.registry.get(randomId)?.summary().status

describe('a trace of agents', () => {
  test('becomes a run that is named by its trace id', () => {
    c.send(
      span('Planner', AGENT, { at: 0, for: 50 }),
      span('search', TOOL, { parent: 'Planner', at: 5, for: 10 }),
      other('http', { parent: 'Planner', at: 20, for: 20 }),
      span('model', CALL, { parent: 'http', at: 21, for: 10 }),
    )
    grace()

    expect(told(c.events(TRACE))).toEqual([
      'run.start Planner',
      'agent.start Planner',
      'agent.tool.start search',
      'agent.tool.end search',
      'agent.llm.start m',
      'agent.llm.end m',
      'agent.end Planner',
      'run.end ok',
    ])
    const ofRoot = { spanId: idOf('Planner'), nodeId: idOf('Planner') }
    expect(find(c.events(TRACE), 'run.start')).toMatchObject(ofRoot)
    expect(find(c.events(TRACE), 'run.end')).toMatchObject(ofRoot)
    expect(find(c.events(TRACE), 'agent.llm.start')).toMatchObject({
      parentSpanId: idOf('Planner'),
      nodeId: idOf('Planner'),
      timestamp: T0 + 21,
    })
  })

  test('hangs below the root of its trace, which need not be an agent', () => {
    c.send(
      other('GET /', { at: 0, for: 100, error: 'boom' }),
      span('Planner', AGENT, { parent: 'GET /', at: 5, for: 10 }),
    )
    grace()

    expect(tree(c.events(TRACE))).toEqual(['GET /', 'Planner < GET /'])
    expect(c.events(TRACE)[0]).toMatchObject({ timestamp: T0, spanId: idOf('GET /') })
    expect(c.events(TRACE).at(-1)).toMatchObject({
      type: 'run.end',
      status: 'error',
      duration: 100,
      timestamp: T0 + 100,
      error: { message: 'boom' },
    })
  })

  test('hangs below that root too where a library has marked it, as something else', () => {
    c.send(
      span('job', { 'langfuse.observation.type': 'span' }, { at: 0, for: 100 }),
      span('Planner', AGENT, { parent: 'job', at: 5, for: 10 }),
    )
    grace()

    expect(tree(c.events(TRACE))).toEqual(['some_operation job', 'Planner < some_operation job'])
    expect(c.events(TRACE).at(-1)).toMatchObject({ type: 'run.end', duration: 100 })
  })

  test('hangs below nothing where that root comes later', () => {
    c.send(span('Planner', AGENT, { parent: 'GET /', at: 5, for: 10 }))
    c.send(other('GET /', { at: 0, for: 100 }))
    grace()

    expect(tree(c.events(TRACE))).toEqual(['Planner', 'Planner'])
    expect(c.registry.get(TRACE)?.summary()).toMatchObject({ startedAt: T0, duration: 100 })
  })

  test('that holds no agent opens no run, however it is named', () => {
    c.send(other('GET /'), span('http', {}, { run: 'run-00001' }))

    expect(c.registry.size).toBe(0)
  })
})

describe('spans that came before what they hang below', () => {
  test('move when it comes, level by level', () => {
    c.send(span('model', CALL, { parent: 'http' }))
    c.send(other('http', { parent: 'search' }))
    c.send(span('search', TOOL, { parent: 'Planner' }))
    c.send(span('Planner', AGENT, { run: 'run-00001' }))

    const moves = c.events(TRACE).filter(({ type }) => type === 'agent.moved')
    expect(moves).toMatchObject([
      { spanId: idOf('model'), parentSpanId: idOf('search'), nodeId: TRACE },
      { spanId: idOf('search'), parentSpanId: idOf('Planner'), nodeId: idOf('Planner') },
    ])
    expect(find(c.events(TRACE), 'agent.llm.start')).not.toHaveProperty('parentSpanId')
  })

  test('count in the totals of a node that ends after they came', () => {
    c.send(span('model', { ...CALL, ...usage(7, 0.25) }, { parent: 'search' }))
    c.send(span('search', TOOL, { parent: 'Planner' }))
    c.send(span('Planner', AGENT))

    expect(find(c.events(TRACE), 'agent.end', 'Planner')).toMatchObject({
      tokenUsage: { inputTokens: 7 },
      cost: 0.25,
      unpricedCalls: 0,
    })
  })

  test('do not hang below themselves, whatever they claim', () => {
    c.send(span('a', AGENT, { parent: 'a' }))
    c.send(span('b', TOOL, { parent: 'c' }))
    c.send(span('c', TOOL, { parent: 'b' }))
    c.send(span('model', CALL, { parent: 'c' }))

    expect(c.events(TRACE).filter(({ type }) => type.endsWith('start'))).toHaveLength(5)
  })
})

describe('which run a span belongs to', () => {
  test('the one that it names, in several of one trace', () => {
    c.send(
      span('one', RUN, { run: 'run-00001', at: 0 }),
      span('a', AGENT, { parent: 'one', run: 'run-00001', at: 1 }),
      span('two', RUN, { parent: 'a', run: 'run-00002', at: 2 }),
      span('b', AGENT, { parent: 'two', run: 'run-00002', at: 3 }),
    )

    expect(tree(c.events('run-00001'))).toEqual(['one', 'a < one'])
    expect(tree(c.events('run-00002'))).toEqual(['two', 'b < two'])
  })

  test('else the one of its nearest ancestor', () => {
    c.send(
      span('one', RUN, { run: 'run-00001', at: 0 }),
      span('two', RUN, { run: 'run-00002', parent: 'one', at: 1 }),
      other('http', { parent: 'two', at: 2 }),
      span('model', CALL, { parent: 'http', at: 3 }),
    )

    expect(tree(c.events('run-00001'))).toEqual(['one'])
    expect(tree(c.events('run-00002'))).toEqual(['two', 'm < two'])
  })

  test('else the one of its trace, which an unrecognised span may have named', () => {
    c.send(span('http', {}, { run: 'run-00001' }))
    c.send(span('model', CALL, { parent: 'somewhere' }))

    expect(c.registry.list().map(({ randomId }) => randomId)).toEqual(['run-00001'])
  })

  test('a run that gets its name only later is found by both', () => {
    c.send(span('search', TOOL, { parent: 'Planner' }))
    c.send(span('Planner', AGENT, { run: 'run-00001' }))

    expect(c.registry.size).toBe(1)
    expect(c.registry.get('run-00001')).toBe(c.registry.get(TRACE))
    expect(tree(c.events('run-00001'))).toEqual(['search', 'search', 'Planner'])
  })

  test('who goes by the trace, not having taken its caller’s name, is of the caller’s run', () => {
    c.send(
      span('one', RUN, { run: 'run-00001', at: 0 }),
      span('two', RUN, { run: 'run-00002', parent: 'one', at: 1 }),
      span('helper', AGENT, { parent: 'two', remote: true, run: TRACE, at: 2 }),
    )

    expect(tree(c.events('run-00002'))).toEqual(['two', 'helper < two'])
    expect(c.registry.size).toBe(2)
  })

  test('a name that cannot name a run names none', () => {
    c.send(span('Planner', AGENT, { run: '../../etc' }))

    expect(c.registry.list().map(({ randomId }) => randomId)).toEqual([TRACE])
  })
})

describe('a run that is known by spans alone', () => {
  test('ends some time after a span that has no parent', () => {
    c.send(span('search', TOOL, { parent: 'Planner' }))
    vi.advanceTimersByTime(30_000)
    expect(status()).toBe('running')
    c.send(span('Planner', AGENT, { error: 'boom', for: 80 }))

    vi.advanceTimersByTime(c.registry.limits.runGraceMs - 1)
    expect(status()).toBe('running')
    vi.advanceTimersByTime(1)

    expect(status()).toBe('error')
    expect(c.events(TRACE).at(-1)).toMatchObject({ timestamp: T0 + 80, duration: 80 })
  })

  test('ends some time after a span whose parent is in another process', () => {
    c.send(span('Planner', AGENT, { parent: 'caller', remote: true }))
    grace()

    expect(status()).toBe('ok')
  })

  test('ends with the root of its trace, though that came first', () => {
    c.send(other('GET /', { for: 500 }))
    c.send(span('Planner', AGENT, { parent: 'GET /' }))
    grace()

    expect(c.registry.get(TRACE)?.summary()).toMatchObject({ status: 'ok', duration: 500 })
  })

  test('comes out as the span says that opened it, whatever else ends', () => {
    const cancelled = { ...RUN, 'spancast.run.cancelled': true, 'spancast.output': '{"a":1}' }
    c.send(
      span('Team', cancelled, { parent: 'GET /', run: 'run-00001', for: 20, error: 'stop' }),
      other('GET /', { for: 100 }),
    )
    grace()

    expect(c.events('run-00001').at(-1)).toMatchObject({
      status: 'cancelled',
      duration: 20,
      output: { a: 1 },
      error: { message: 'stop' },
    })
  })

  test('is abandoned when it has been silent for long enough, by our own clock', () => {
    c.send(span('search', TOOL, { parent: 'Planner', at: 3_600_000 }))

    vi.advanceTimersByTime(c.registry.limits.runIdleMs - 1000)
    expect(status()).toBe('running')
    vi.advanceTimersByTime(20_000)

    expect(status()).toBe('abandoned')
  })

  test('counts usage that was recorded for an agent itself', () => {
    const recorded = { ...AGENT, ...usage(5, 0.5), 'spancast.usage.recorded': true }
    c.send(
      span('Planner', recorded),
      span('model', { ...CALL, ...usage(2) }, { parent: 'Planner' }),
    )
    grace()

    const totals = { tokenUsage: { inputTokens: 7 }, cost: 0.5, unpricedCalls: 1 }
    expect(c.events(TRACE).at(-1)).toMatchObject(totals)
    expect(find(c.events(TRACE), 'agent.end')).toMatchObject(totals)
  })
})

describe('what comes too late', () => {
  test('for a run that is over is counted, not streamed', () => {
    c.send(span('Planner', AGENT))
    grace()
    const before = c.events(TRACE)

    c.send(span('search', TOOL, { parent: 'Planner' }), span('Planner', AGENT))

    expect(c.events(TRACE)).toEqual(before)
    expect(c.registry.get(TRACE)?.summary().lateEvents).toBe(2)
    expect(c.collector.counts).toEqual({ spans: 2, linked: 0, repeated: 2, late: 2, unread: 0 })
  })

  test('for a run that is gone opens none, by name or by trace', () => {
    c.send(span('Planner', AGENT, { run: 'run-00001' }))
    c.send(span('Other', AGENT, { trace: OTHER_TRACE }))
    grace()
    vi.advanceTimersByTime(c.registry.limits.retentionMs)
    expect(c.registry.size).toBe(0)

    c.send(span('late', TOOL, { parent: 'Planner', run: 'run-00001' }))
    c.send(span('later', TOOL, { parent: 'Planner' }))
    c.send(span('latest', TOOL, { parent: 'Other', trace: OTHER_TRACE }))
    c.send(span('http', {}, { parent: 'Planner', run: 'run-00001' }))

    expect(c.registry.size).toBe(0)
    expect(c.collector.counts.late).toBe(6)
  })

  test('for the run that had its id before does not reach its successor', () => {
    c.send(span('Team', RUN, { run: 'run-00001' }))
    grace()
    c.send(span('Team', RUN, { run: 'run-00001', trace: OTHER_TRACE, at: 60_000 }))
    const [first] = c.events('run-00001')
    expect(first).toMatchObject({ traceId: OTHER_TRACE, seq: 1 })

    c.send(
      span('late', TOOL, { parent: 'Team', run: 'run-00001' }),
      span('Team', RUN, { run: 'run-00001' }),
    )

    expect(told(c.events('run-00001'))).toEqual(['run.start Team'])
  })
})

test('an id that is used again begins a new epoch, even if its children come first', () => {
  c.send(span('Team', RUN, { run: 'run-00001' }))
  grace()
  const epoch = c.registry.get('run-00001')?.epoch

  const again = { run: 'run-00001', trace: OTHER_TRACE, at: 60_000 }
  c.send(span('Planner', AGENT, { ...again, parent: 'Team' }))
  c.send(span('Team', RUN, again))

  expect(c.registry.get('run-00001')?.epoch).not.toBe(epoch)
  expect(c.registry.get('run-00001')?.summary()).toMatchObject({ name: 'Team', status: 'running' })
  expect(tree(c.events('run-00001'))).toEqual(['Planner', 'Planner'])
})

describe('pending spans of Logfire', () => {
  const real = { ...AGENT, 'logfire.span_type': 'span' }

  test('are starts, and the real spans are ends', () => {
    const pendingParent = { 'logfire.pending_parent_id': idOf('Team') }
    c.send(
      span(
        'Team-p',
        { ...AGENT, ...PENDING, 'logfire.pending_parent_id': '0'.repeat(16) },
        { parent: 'Team', for: 0 },
      ),
    )
    c.send(span('agent-p', { ...AGENT, ...PENDING, ...pendingParent }, { parent: 'agent', for: 0 }))
    expect(told(c.events(TRACE)).map((line) => line.split(' ')[0])).toEqual([
      'run.start',
      'agent.start',
      'agent.start',
    ])
    expect(c.events(TRACE)[2]).toMatchObject({ spanId: idOf('agent'), parentSpanId: idOf('Team') })
    expect(c.registry.get(TRACE)?.summary().openSpans).toBe(2)

    c.send(span('agent', real, { parent: 'Team', for: 5 }), span('Team', real, { for: 9 }))
    grace()

    expect(c.events(TRACE).map(({ type }) => type)).toEqual([
      'run.start',
      'agent.start',
      'agent.start',
      'agent.end',
      'agent.end',
      'run.end',
    ])
  })

  test('say nothing new once the real ones are there', () => {
    c.send(span('agent', real))
    c.send(span('agent-p', { ...AGENT, ...PENDING }, { parent: 'agent' }))

    expect(c.events(TRACE).map(({ type }) => type)).toEqual([
      'run.start',
      'agent.start',
      'agent.end',
    ])
  })

  test('of other kinds show what hangs below them its place', () => {
    c.send(span('agent', real))
    c.send(
      span(
        'http-p',
        { ...PENDING, 'logfire.pending_parent_id': idOf('agent') },
        { parent: 'http' },
      ),
    )
    c.send(span('model', CALL, { parent: 'http' }))

    expect(tree(c.events(TRACE))).toEqual(['agent', 'agent', 'm < agent'])
  })
})

describe('content', () => {
  test('is redacted and capped, or left out, as the live stream wants it', () => {
    const args = JSON.stringify({ q: 'x'.repeat(500), password: 'hunter2' })
    const search = {
      ...TOOL,
      'gen_ai.tool.call.arguments': args,
      'gen_ai.tool.call.result': '"found"',
    }
    configure({ maxContentBytes: 200 })
    c.send(span('search', search, { trace: TRACE }))
    const start = find(c.events(TRACE), 'agent.tool.start')
    expect(JSON.stringify(start)).not.toContain('hunter2')
    expect(JSON.stringify(start.args).length).toBeLessThanOrEqual(220)
    expect(start.truncated).toBeDefined()
    expect(find(c.events(TRACE), 'agent.tool.end').result).toBe('found')

    configure({ capture: { live: false } })
    c.send(span('search', search, { trace: OTHER_TRACE }))

    expect(find(c.events(OTHER_TRACE), 'agent.tool.start').args).toBeNull()
    expect(find(c.events(OTHER_TRACE), 'agent.tool.end')).not.toHaveProperty('result')
  })

  test('abandoned spans say so', () => {
    c.send(span('search', { ...TOOL, 'spancast.abandoned': true }))

    expect(find(c.events(TRACE), 'agent.tool.end').abandoned).toBe(true)
  })
})
