import { expect, test } from 'vitest'
import { type Attributes, see } from './testing/see.ts'

const framework = (name: string, attributes: Attributes) => see('agent_framework', name, attributes)

test('a workflow has the name that it was given, if it was given any', () => {
  const run = (name: string) =>
    framework('workflow.run', { 'workflow.id': 'w', 'workflow.name': name })

  expect(run('report')).toMatchObject({ role: 'workflow', name: 'report' })
  const unnamed = 'WorkflowBuilder-5b000cbe-b4b6-4d2f-b1e5-0602624dd062'
  expect(run(unnamed)).toMatchObject({ role: 'workflow', name: 'workflow' })
})

test('its executors are steps, but for those of agents, which tell of themselves', () => {
  const executor = (type: string) =>
    framework('executor.process check', { 'executor.id': 'check', 'executor.type': type })

  expect(executor('FunctionExecutor')).toMatchObject({ role: 'step', name: 'check' })
  expect(executor('AgentExecutor')).toBeUndefined()
})

test('the ways of its messages are nothing, and so are workflows of others', () => {
  const edge = { 'edge_group.id': 'e', 'message.source_id': 'a' }

  expect(framework('edge_group.process InternalEdgeGroup', edge)).toBeUndefined()
  expect(see('another', 'workflow.run', { 'workflow.id': 'w' })).toBeUndefined()
})
