import { expect, test, vi } from 'vitest'
import { find } from '../testing/telling.ts'
import { AGENT, other, span, TOOL, TRACE } from './testing/collecting.ts'
import { collectingEachTest } from './testing/collecting-each-test.ts'

const c = collectingEachTest()

const over = (): void => {
  vi.advanceTimersByTime(c.registry.limits.runGraceMs)
}
const summary = () => c.registry.get(TRACE)?.summary()

test('a run whose first span came before its root is called after the root in the end', () => {
  c.send(span('search', TOOL, { parent: 'Planner' }))
  expect(summary()?.name).toBe('search')

  c.send(span('Planner', AGENT))
  expect(summary()?.name).toBe('Planner')
  over()

  expect(find(c.events(TRACE), 'run.start').name).toBe('search')
  expect(find(c.events(TRACE), 'run.end').name).toBe('Planner')
})

test('a root that is no agent gives its name too', () => {
  c.send(span('search', TOOL, { parent: 'GET /ask' }))
  c.send(other('GET /ask'))
  over()

  expect(summary()?.name).toBe('GET /ask')
})

test('the end of a run is silent about a name that its start has said', () => {
  c.send(span('Planner', AGENT))
  over()

  expect(find(c.events(TRACE), 'run.end')).not.toHaveProperty('name')
})
