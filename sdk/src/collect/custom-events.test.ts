import { describe, expect, test } from 'vitest'
import { JsonText } from '../event/json-text.ts'
import type { CollectedEvent } from './collected-span.ts'
import { AGENT, idOf, RUN, Source, span, T0 } from './testing/collecting.ts'
import { collectingEachTest } from './testing/collecting-each-test.ts'

const RUN_ID = 'run-00001'

const c = collectingEachTest()

const at = (name: string, ms: number, content: unknown = null): CollectedEvent => ({
  name,
  timestamp: T0 + ms,
  content,
})
const agent = (...events: CollectedEvent[]) => ({
  ...span('Planner', AGENT, { run: RUN_ID, for: 90 }),
  events,
})
const custom = () =>
  c.events(RUN_ID).flatMap((event) => (event.type === 'agent.event' ? [event] : []))

describe('custom events that a span carries', () => {
  test('are told in their span, with their own times and what they hold', () => {
    c.send(agent(at('progress', 10, new JsonText('{"percent":40}')), at('done', 20)))

    expect(custom()).toMatchObject([
      { name: 'progress', content: { percent: 40 }, timestamp: T0 + 10, spanId: idOf('Planner') },
      { name: 'done', content: null, timestamp: T0 + 20, nodeId: idOf('Planner') },
    ])
    expect(c.events(RUN_ID).at(-1)?.type).toBe('agent.end')
  })

  test('are redacted, and told once however often their span comes', () => {
    const sent = agent(at('login', 10, { password: 'hunter2' }))
    c.send(sent)
    c.send(sent, sent)

    expect(custom()).toMatchObject([{ content: { password: '[redacted]' } }])
  })

  test('of the span that opened a run which had begun are told too', () => {
    c.send(span('Planner', AGENT, { run: RUN_ID, parent: 'Team', at: 10 }))
    c.send({ ...span('Team', RUN, { run: RUN_ID }), events: [at('note', 5, 'x')] })

    expect(custom()).toMatchObject([{ name: 'note', content: 'x', spanId: idOf('Team') }])
  })

  test.each(['link', 'span'])('come once if the %s tells them first', (first) => {
    const link = new Source(RUN_ID)
    const started = link.next('agent.start', 'Planner', { nodeName: 'Planner', nodeKind: 'agent' })
    const live = [1, 2, 3].map((n) =>
      // As its process stamps them: by another clock than the span's.
      link.next('agent.event', 'Planner', {
        name: 'progress',
        content: n,
        timestamp: T0 + n * 10 + 3,
      }),
    )
    const sent = agent(at('progress', 10, 1), at('progress', 20, 2), at('progress', 30, 3))

    if (first === 'link') c.link(started, ...live)
    c.send(sent)
    if (first === 'span') c.link(started, ...live)

    expect(custom().map(({ content }) => content)).toEqual([1, 2, 3])
    expect(c.registry.get(RUN_ID)?.summary().lateEvents).toBe(0)
  })

  test('fill the holes of a link, so that its run can end', () => {
    const link = new Source(RUN_ID)
    const ended = { status: 'ok', duration: 100, timestamp: T0 + 100, cost: 0 }
    const begin = [
      link.next('run.start', 'Team', { name: 'Team' }),
      link.next('agent.start', 'Planner', { nodeName: 'Planner', parentSpanId: idOf('Team') }),
    ]
    link.next('agent.event', 'Planner', { name: 'lost' })
    const kept = link.next('agent.event', 'Planner', { name: 'kept', timestamp: T0 + 20 })
    const end = [
      link.next('agent.end', 'Planner', { nodeName: 'Planner', duration: 90 }),
      link.next('run.end', 'Team', ended),
    ]
    c.link(...begin, kept, ...end)
    expect(c.registry.get(RUN_ID)?.summary().status).toBe('running')

    c.send({ ...agent(at('lost', 10), at('kept', 20)), parentSpanId: idOf('Team') })

    expect(custom().map(({ name }) => name)).toEqual(['kept', 'lost'])
    expect(c.registry.get(RUN_ID)?.summary().status).toBe('ok')
  })
})
