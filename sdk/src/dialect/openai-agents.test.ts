import { expect, test } from 'vitest'
import { see } from './testing/see.ts'

const SCOPE = 'opentelemetry.instrumentation.openai_agents'

test('a trace of the OpenAI Agents SDK is a workflow, though it invokes agents', () => {
  const trace = { 'gen_ai.operation.name': 'invoke_agent' }
  const agent = { ...trace, 'gen_ai.agent.name': 'guide' }

  expect(see(SCOPE, 'Ask the team', trace, true)).toMatchObject({
    role: 'workflow',
    name: 'Ask the team',
  })
  expect(see(SCOPE, 'invoke_agent guide', agent)).toMatchObject({ role: 'agent', name: 'guide' })
  expect(see('another', 'Ask the team', trace, true)?.role).toBe('agent')
})

test('a hand-over is told as one', () => {
  const handOff = {
    'gen_ai.operation.name': 'agent_handoff',
    'gen_ai.handoff.from_agent': 'Planner',
    'gen_ai.handoff.to_agent': 'Tax clerk',
  }

  expect(see(SCOPE, 'agent_handoff OpenAI Agent', handOff)).toMatchObject({
    role: 'tool',
    name: 'handoff to Tax clerk',
    input: 'Planner',
    output: 'Tax clerk',
  })
})
