import { expect, test } from 'vitest'
import { find } from '../testing/telling.ts'
import { type SpanSpec, span, TRACE } from './testing/collecting.ts'
import { collectingEachTest } from './testing/collecting-each-test.ts'

const c = collectingEachTest()

const SCOPE = 'com.anthropic.claude_code.tracing'
const TOOL = { 'span.type': 'tool', tool_name: 'alerts', 'gen_ai.tool.name': 'alerts' }
const DOWN = { type: 'Error', message: 'the alert service is down' }

function claude(short: string, attributes: Record<string, unknown>, spec: SpanSpec) {
  const one = span(short, { 'gen_ai.provider.name': 'anthropic', ...attributes }, spec)
  return { ...one, facts: { ...one.facts, scope: SCOPE } }
}

const AGENT = claude('interaction', { 'span.type': 'interaction' }, { for: 100 })
const CALLED = claude('tool', TOOL, { parent: 'interaction', at: 10, for: 30 })
const part = (type: string) =>
  claude('part', { 'span.type': type }, { parent: 'tool', at: 15, for: 20, error: DOWN.message })

test('a tool of Claude Code has failed where the part that ran it says so', () => {
  c.send(part('tool.execution'), CALLED, AGENT)

  expect(find(c.events(TRACE), 'agent.tool.end').error).toEqual(DOWN)
})

test('but not because a hook of it did', () => {
  c.send(part('hook'), CALLED, AGENT)

  expect(find(c.events(TRACE), 'agent.tool.end').error).toBeUndefined()
})

test('a part that comes after its tool, or once more, changes nothing', () => {
  c.send(CALLED, AGENT)
  c.send(part('tool.execution'))
  const events = c.events(TRACE)

  c.send(part('tool.execution'), CALLED)

  expect(find(events, 'agent.tool.end').error).toBeUndefined()
  expect(c.events(TRACE)).toEqual(events)
})
