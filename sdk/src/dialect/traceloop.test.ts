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
