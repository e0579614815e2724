import { describe, expect, test } from 'vitest'
import { capture, publish } from '../event/content.ts'
import { classify } from './classify.ts'
import { genai } from './genai.ts'
import type { SpanRole } from './span-facts.ts'

type Attributes = Record<string, unknown>

function recognise(attributes: Attributes, name = 'a span') {
  return classify({ name, scope: 'some library', attributes })
}

function conclude(attributes: Attributes, role: SpanRole = 'llm') {
  return genai.conclude({ name: 'a span', scope: '', attributes }, role)
}

describe('what a span is', () => {
  test.each([
    ['invoke_agent', 'agent'],
    ['create_agent', 'agent'],
    ['invoke_workflow', 'workflow'],
    ['plan', 'step'],
    ['execute_tool', 'tool'],
    ['chat', 'llm'],
    ['generate_content', 'llm'],
    ['text_completion', 'llm'],
  ])('the operation %s says: %s', (operation, role) => {
    expect(recognise({ 'gen_ai.operation.name': operation })?.role).toBe(role)
  })

  test.each([
    [{}],
    [{ 'http.request.method': 'GET' }],
    [{ 'gen_ai.operation.name': 'embeddings' }],
    [{ 'gen_ai.operation.name': 7 }],
    // Some libraries stamp the agent's name on whatever happens below it.
    [{ 'gen_ai.agent.name': 'Researcher' }],
  ])('%j says nothing', (attributes) => {
    expect(recognise(attributes)).toBeUndefined()
  })

  test('a step of ours needs no operation; the run’s own span is the run', () => {
    expect(recognise({ 'spancast.node.kind': 'step', 'spancast.node.name': 'rank' })).toMatchObject(
      {
        role: 'step',
        name: 'rank',
      },
    )
    expect(
      recognise({
        'gen_ai.operation.name': 'invoke_workflow',
        'spancast.run.root': true,
        'spancast.run.name': 'Team',
      }),
    ).toMatchObject({ role: 'run', name: 'Team' })
  })
})

describe('its name', () => {
  test.each([
    [{ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'A' }, 'x', 'A'],
    [{ 'gen_ai.operation.name': 'invoke_agent' }, 'invoke_agent Researcher 2', 'Researcher 2'],
    [{ 'gen_ai.operation.name': 'invoke_agent' }, 'my agent', 'my agent'],
    [{ 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 't' }, 'x', 't'],
    [{ 'gen_ai.operation.name': 'execute_tool' }, 'execute_tool search', 'search'],
    [{ 'gen_ai.operation.name': 'invoke_workflow', 'gen_ai.workflow.name': 'w' }, 'x', 'w'],
    [{ 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' }, 'chat x', 'm'],
    [{ 'gen_ai.operation.name': 'chat', 'gen_ai.response.model': 'm-2' }, 'chat x', 'm-2'],
    [{ 'gen_ai.operation.name': 'chat' }, 'chat x', undefined],
    [{ 'gen_ai.operation.name': 'plan', 'gen_ai.agent.name': 'P' }, 'plan P', 'P'],
  ])('%j on a span named %s is %s', (attributes, spanName, name) => {
    expect(recognise(attributes, spanName)?.name).toBe(name)
  })
})

/** Content as a reader of the event gets it. */
function shown(content: unknown): unknown {
  return publish(capture(content, 1000), 'input', { maxContentBytes: 1000 }).value
}

describe('its content', () => {
  test('comes from the conventions’ attributes, as what their JSON stands for', () => {
    const tool = {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.call.id': 'call-1',
      'gen_ai.tool.call.arguments': '{"q":1}',
      'gen_ai.tool.call.result': 'plain text',
    }

    const is = recognise(tool)

    expect(is?.toolCallId).toBe('call-1')
    expect(shown(is?.input)).toEqual({ q: 1 })
    expect(shown(conclude(tool, 'tool').output)).toBe('plain text')
    const call = { 'gen_ai.operation.name': 'chat', 'gen_ai.input.messages': '[{"role":"user"}]' }
    expect(shown(recognise(call)?.input)).toEqual([{ role: 'user' }])
  })

  test.each([
    ['{"a":', '{"a":'],
    ['[1', '[1'],
    ['', ''],
    ['12', 12],
    ['true', true],
    ['null', null],
    ['nullify', 'nullify'],
    ['-', '-'],
    ['12 monkeys', '12 monkeys'],
  ])('the text %j is %j', (text, value) => {
    const tool = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.call.arguments': text }

    expect(shown(recognise(tool)?.input)).toEqual(value)
  })

  test('may be a value that is no text, where OpenTelemetry lets it through', () => {
    const args = { q: 1 }
    const tool = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.call.arguments': args }

    expect(shown(recognise(tool)?.input)).toEqual(args)
  })
})

describe('its usage', () => {
  test('counts by today’s names, with cached and reasoning tokens', () => {
    expect(
      conclude({
        'gen_ai.usage.input_tokens': 10,
        'gen_ai.usage.output_tokens': 5,
        'gen_ai.usage.cache_read.input_tokens': 4,
        'gen_ai.usage.cache_write.input_tokens': 3,
        'gen_ai.usage.reasoning.output_tokens': 2,
      }).usage,
    ).toEqual({
      inputTokens: 10,
      outputTokens: 5,
      totalTokens: 15,
      cacheReadTokens: 4,
      cacheWriteTokens: 3,
      reasoningTokens: 2,
    })
  })

  test('and what the AI SDK 7 adds under a name of its own', () => {
    const { usage } = conclude({
      'gen_ai.usage.input_tokens': 10,
      'gen_ai.usage.output_tokens': 5,
      'ai.usage.outputTokenDetails.reasoningTokens': 2,
    })

    expect(usage?.reasoningTokens).toBe(2)
  })

  test('and by the old ones', () => {
    expect(
      conclude({
        'gen_ai.usage.prompt_tokens': 10,
        'gen_ai.usage.completion_tokens': 5,
        'gen_ai.usage.total_tokens': 16,
        'gen_ai.usage.cache_creation.input_tokens': 3,
      }).usage,
    ).toEqual({ inputTokens: 10, outputTokens: 5, totalTokens: 16, cacheWriteTokens: 3 })
  })

  test.each([
    [{}],
    [{ 'gen_ai.usage.input_tokens': 'many' }],
    [{ 'gen_ai.usage.input_tokens': -1 }],
  ])('%j is none', (attributes) => {
    expect(conclude(attributes).usage).toBeUndefined()
  })

  test('on an agent repeats its children’s, unless it says that it is its own', () => {
    const usage = { 'gen_ai.usage.input_tokens': 10 }

    expect(conclude(usage, 'agent').usage).toBeUndefined()
    expect(conclude({ ...usage, 'spancast.usage.recorded': true }, 'agent')).toMatchObject({
      usage: { inputTokens: 10 },
      recorded: true,
    })
  })

  test('the time to the first chunk is told in milliseconds', () => {
    expect(conclude({ 'gen_ai.response.time_to_first_chunk': 0.25 }).timeToFirstChunk).toBe(250)
  })
})
