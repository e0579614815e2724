import { expect, test } from 'vitest'
import type { SpanEvent } from './span-facts.ts'
import { see } from './testing/see.ts'

function seen(operation: string, events: readonly SpanEvent[]): ReturnType<typeof see> {
  const attributes = { 'gen_ai.operation.name': operation }
  return see('strands.telemetry.tracer', 'a span', attributes, undefined, events)
}

test('a tool’s arguments and its result are read from the messages on its span', () => {
  const content = '{"city":"Lima"}'
  const message = '[{"text":"{\\"temperature\\":21}"}]'

  expect(
    seen('execute_tool', [
      { name: 'gen_ai.tool.message', attributes: { role: 'tool', content, id: 'call_1' } },
      { name: 'gen_ai.choice', attributes: { message, id: 'call_1' } },
    ]),
  ).toMatchObject({ role: 'tool', input: { city: 'Lima' }, output: { temperature: 21 } })
})

test('what was said and answered is read from them too', () => {
  const said = { content: '[{"text":"why"}]' }

  expect(
    seen('chat', [
      { name: 'gen_ai.system.message', attributes: { content: 'Be brief.' } },
      { name: 'gen_ai.user.message', attributes: said },
      { name: 'gen_ai.choice', attributes: { finish_reason: 'end_turn', message: 'because' } },
    ]),
  ).toMatchObject({
    input: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ text: 'why' }] },
    ],
    output: 'because',
  })
  const prompt = { name: 'gen_ai.content.prompt', attributes: { 'gen_ai.prompt': '[{}]' } }
  expect(seen('chat', [prompt])).toMatchObject({ input: [{}] })
})

test('newer conventions have all in one event', () => {
  const messages = (part: object) => JSON.stringify([{ role: 'tool', parts: [part] }])
  const attributes = {
    'gen_ai.input.messages': messages({ type: 'tool_call', arguments: { city: 'Lima' } }),
    'gen_ai.output.messages': messages({
      type: 'tool_call_response',
      response: [{ text: '{"temperature":21}' }],
    }),
  }
  const details = { name: 'gen_ai.client.inference.operation.details', attributes }

  expect(seen('execute_tool', [details])).toMatchObject({
    input: { city: 'Lima' },
    output: { temperature: 21 },
  })
  expect(seen('chat', [details])?.input).toEqual([
    { role: 'tool', parts: [{ type: 'tool_call', arguments: { city: 'Lima' } }] },
  ])
})

test('a result of several blocks stays as it is, and none is none', () => {
  const message = '[{"text":"a"},{"text":"b"}]'

  expect(
    seen('execute_tool', [{ name: 'gen_ai.choice', attributes: { message } }])?.output,
  ).toEqual([{ text: 'a' }, { text: 'b' }])
  expect(seen('execute_tool', [{ name: 'exception' }])?.output).toBeUndefined()
})

test('a block of text that stands in an attribute is what it holds too', () => {
  const tool = (result: string) =>
    see('strands.telemetry.tracer', 'execute_tool get_weather', {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.call.result': result,
    })?.output

  expect(tool('[{"text":"{\\"temperature\\":21}"}]')).toEqual({ temperature: 21 })
  expect(tool('[{"text": "cold"}]')).toBe('cold')
  expect(tool('cold')).toBe('cold')
})
