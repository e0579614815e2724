import { expect, test, vi } from 'vitest'
import { find } from '../testing/telling.ts'
import { AGENT, CALL, span, TRACE, usage } from './testing/collecting.ts'
import { collectingEachTest } from './testing/collecting-each-test.ts'

const c = collectingEachTest()

const AGENT_SPAN = span('Planner', AGENT, { at: 0, for: 50 })
const OUTER = span('outer', { ...CALL, ...usage(120) }, { parent: 'Planner', at: 5, for: 30 })
const INNER = span('inner', { ...CALL, ...usage(120) }, { parent: 'outer', at: 6, for: 20 })

function totals() {
  vi.advanceTimersByTime(c.registry.limits.runGraceMs)
  const { tokenUsage, unmeteredCalls } = find(c.events(TRACE), 'run.end')
  const node = find(c.events(TRACE), 'agent.end')
  expect(node.tokenUsage).toEqual(tokenUsage)
  return { input: tokenUsage.inputTokens, unmeteredCalls }
}

test('a call that a framework and a client tell, one inside the other, counts once', () => {
  c.send(AGENT_SPAN, OUTER, INNER)

  expect(totals()).toEqual({ input: 120, unmeteredCalls: 0 })
})

test('and so it does if the inner one comes long before the outer one', () => {
  c.send(INNER)
  c.send(OUTER)
  c.send(AGENT_SPAN)

  expect(totals()).toEqual({ input: 120, unmeteredCalls: 0 })
})

test('and if it comes after the outer one has ended', () => {
  c.send(OUTER)
  c.send(INNER)
  c.send(AGENT_SPAN)

  expect(totals()).toEqual({ input: 120, unmeteredCalls: 0 })
})

test('a call that two libraries tell side by side counts once, by the id of its answer', () => {
  const answer = { ...CALL, ...usage(120), 'gen_ai.response.id': 'msg_1' }
  const told = (name: string, at: number, scope: string) => {
    const one = span(name, answer, { parent: 'Planner', at, for: 5 })
    return { ...one, facts: { ...one.facts, scope } }
  }

  c.send(AGENT_SPAN, told('a', 5, 'its-own'), told('b', 6, 'another'), told('c', 20, 'its-own'))

  // A library that uses an id again, as proxies do, has told of another call.
  expect(totals()).toEqual({ input: 240, unmeteredCalls: 0 })
})

test('an outer call counts where the inner one tells no usage', () => {
  c.send(AGENT_SPAN, OUTER, { ...INNER, facts: { ...INNER.facts, attributes: CALL } })

  expect(totals()).toEqual({ input: 120, unmeteredCalls: 1 })
})
