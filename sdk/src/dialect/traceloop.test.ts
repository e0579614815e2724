import { expect, test } from 'vitest'
import { see } from './testing/see.ts'

test('a team of CrewAI is a workflow and its tasks are steps, though all invoke agents', () => {
  const scope = 'opentelemetry.instrumentation.crewai.instrumentation'
  const operation = { 'gen_ai.operation.name': 'invoke_agent' }
  const task = { ...operation, 'traceloop.span.kind': 'task' }
  const agent = {
    ...operation,
    'traceloop.span.kind': 'agent',
    'gen_ai.agent.name': 'guide',
  }

  expect(see(scope, 'crewai.workflow', operation)).toMatchObject({
    role: 'workflow',
    name: 'crewai',
  })
  expect(see(scope, 'polish.task', task)).toMatchObject({ role: 'step', name: 'polish' })
  expect(see(scope, 'guide.agent', agent)).toMatchObject({ role: 'agent', name: 'guide' })
})

test('LlamaIndex’s tools are known by what they answer, and its own steps are nothing', () => {
  const scope = 'opentelemetry.instrumentation.llamaindex'
  const task = (name: string, more: object = {}) =>
    see(scope, `${name}.task`, {
      'traceloop.span.kind': 'task',
      'traceloop.entity.name': `${name}.task`,
      ...more,
    })
  const answer = { tool_name: 'get_weather', raw_input: {}, raw_output: { temperature: 21 } }

  expect(
    task('FunctionTool', {
      'traceloop.entity.input': '{"kwargs":{"city":"Lima"}}',
      'traceloop.entity.output': JSON.stringify(answer),
    }),
  ).toMatchObject({
    role: 'tool',
    name: 'get_weather',
    input: { city: 'Lima' },
    output: { temperature: 21 },
  })
  expect(task('BaseWorkflowAgent')).toBeUndefined()
  expect(task('summarise')).toMatchObject({ role: 'step', name: 'summarise' })
  const workflow = {
    'traceloop.span.kind': 'workflow',
    'traceloop.entity.name': 'FunctionAgent.workflow',
  }
  expect(see(scope, 'FunctionAgent.workflow', workflow, true)).toMatchObject({
    role: 'workflow',
    name: 'FunctionAgent',
  })
})

test('a call of the Responses API is one, though older versions say so by its name alone', () => {
  const call = {
    'gen_ai.system': 'openai',
    'gen_ai.request.model': 'gpt-5-mini',
    'gen_ai.usage.input_tokens': 120,
    'gen_ai.usage.output_tokens': 30,
    'gen_ai.usage.cache_read_input_tokens': 64,
    'llm.usage.reasoning_tokens': 12,
    'gen_ai.prompt.0.role': 'user',
    'gen_ai.prompt.0.content': 'why',
  }

  expect(see('opentelemetry.instrumentation.openai.v1', 'openai.response', call)).toMatchObject({
    role: 'llm',
    name: 'gpt-5-mini',
    provider: 'openai',
    input: [{ role: 'user', content: 'why' }],
    usage: { cacheReadTokens: 64, reasoningTokens: 12 },
  })
})
