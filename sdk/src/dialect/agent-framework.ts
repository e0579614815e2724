import type { Dialect, Recognised } from './span-facts.ts'
import { textOf } from './values.ts'

// https://learn.microsoft.com/agent-framework: agents, tools and calls follow the GenAI conventions
const WORKFLOW_NAME = 'workflow.name'
const EXECUTOR_ID = 'executor.id'
const EXECUTOR_TYPE = 'executor.type'
const UNNAMED = /^(WorkflowBuilder|Workflow)-[\da-f-]{36}$/

/** The workflows of Microsoft's Agent Framework, and their steps. */
export const agentFramework: Dialect = {
  keys: ['workflow.', 'executor.'],

  recognise({ name, scope, attributes: a }): Recognised | null | undefined {
    if (scope !== 'agent_framework') return undefined
    if (name === 'workflow.run') {
      const given = textOf(a[WORKFLOW_NAME])
      const isNamed = given !== undefined && !UNNAMED.test(given)
      return { dialect: agentFramework, role: 'workflow', name: isNamed ? given : 'workflow' }
    }
    if (!name.startsWith('executor.process')) return undefined
    // What an executor of an agent does is what the agent does.
    if (a[EXECUTOR_TYPE] === 'AgentExecutor') return null
    return { dialect: agentFramework, role: 'step', name: textOf(a[EXECUTOR_ID]) ?? name }
  },

  conclude: () => ({}),
}
