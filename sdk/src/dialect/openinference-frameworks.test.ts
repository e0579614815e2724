import { expect, test } from 'vitest'
import { type Attributes, see } from './testing/see.ts'

function span(framework: string, kind: string, name: string, more: Attributes = {}, root = false) {
  const attributes = { 'openinference.span.kind': kind, ...more }
  return see(`openinference.instrumentation.${framework}`, name, attributes, root)
}

test.each([
  ['smolagents', 'AGENT', 'guide.run', 'agent', 'guide'],
  ['crewai', 'CHAIN', 'travel crew.kickoff', 'step', 'travel crew'],
  ['crewai', 'CHAIN', 'Crew_40bcfbe8-ea67-4433-9eab-7af352236a79.kickoff', 'step', 'Crew'],
  ['crewai', 'CHAIN', 'Flow_53b58a36-64de-4c7b-852e-5b382966ac4d.write', 'step', 'write'],
  ['agno', 'CHAIN', 'report.run', 'step', 'report'],
  ['autogen_agentchat', 'CHAIN', 'RoundRobinGroupChat.run_stream', 'step', 'RoundRobinGroupChat'],
  ['llama_index', 'CHAIN', 'FunctionAgent.run', 'agent', 'FunctionAgent'],
  ['haystack', 'CHAIN', 'Agent.run', 'agent', 'Agent'],
  ['dspy', 'CHAIN', 'Predict(StringSignature).forward', 'step', 'Predict(StringSignature)'],
  ['google_adk', 'AGENT', 'agent_run [guide]', 'agent', 'guide'],
  ['langchain', 'CHAIN', 'my.run', 'step', 'my.run'],
])('%s: the %s %s is the %s %s', (framework, kind, name, role, shown) => {
  expect(span(framework, kind, name)).toMatchObject({ role, name: shown })
})

test.each([
  ['llama_index', 'CHAIN', 'BaseWorkflowAgent.run_agent_step'],
  ['llama_index', 'CHAIN', 'AgentWorkflow.call_tool'],
  ['llama_index', 'LLM', 'OpenAI._prepare_chat_with_tools'],
  ['google_adk', 'CHAIN', 'invocation [app]'],
  ['google_adk', 'CHAIN', 'invoke_workflow historian'],
  ['google_adk', 'TOOL', 'execute_tool (merged)'],
])('%s: the %s %s is a part of what others tell', (framework, kind, name) => {
  expect(span(framework, kind, name)).toBeUndefined()
})

test('the run of an ADK application is its workflow', () => {
  expect(span('google_adk', 'CHAIN', 'invocation [app]', {}, true)).toMatchObject({
    role: 'workflow',
    name: 'app',
  })
})

test.each([
  ['{"kwargs":{"city":"Lima"}}', { city: 'Lima' }],
  ['{"args":[],"sanitize_inputs_outputs":true,"kwargs":{"city":"Lima"}}', { city: 'Lima' }],
  ['{"args":["Lima"],"kwargs":{}}', 'Lima'],
  ['{"args":["Lima",2],"kwargs":{"a":1}}', { args: ['Lima', 2], kwargs: { a: 1 } }],
  ['{"args":["-l"]}', { args: ['-l'] }],
  ['{"kwargs":{"a":1},"city":"Lima"}', { kwargs: { a: 1 }, city: 'Lima' }],
])('the arguments %s of a tool are those that it was called with', (input, given) => {
  expect(span('smolagents', 'TOOL', 'get_weather', { 'input.value': input })?.input).toEqual(given)
})

test.each([
  ['{"blocks":[],"tool_name":"t","raw_input":{},"raw_output":{"temp":21},"is_error":false}'],
  ['{"id":"call_1","name":"t","response":{"temp":21}}'],
  ['{"temp":21}'],
])('the result in %s is what the tool has answered', (output) => {
  const tool = { 'output.value': output, 'output.mime_type': 'application/json' }

  expect(span('llama_index', 'TOOL', 't', tool)?.output).toEqual({ temp: 21 })
})
