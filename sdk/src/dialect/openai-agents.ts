import { AGENT_NAME, OPERATION_NAME } from '../attributes.ts'
import { genai } from './genai.ts'
import type { Dialect, Recognised } from './span-facts.ts'
import { textOf } from './values.ts'

// https://github.com/open-telemetry/opentelemetry-python-contrib, opentelemetry-instrumentation-openai-agents-v2
const SCOPE = 'opentelemetry.instrumentation.openai_agents'
const FROM = 'gen_ai.handoff.from_agent'
const TO = 'gen_ai.handoff.to_agent'

/** OpenTelemetry's own instrumentation of the OpenAI Agents SDK: what it has beside the conventions. */
export const openaiAgents: Dialect = {
  keys: ['gen_ai.'],

  recognise({ name, scope, attributes: a }): Recognised | undefined {
    if (scope !== SCOPE) return undefined
    switch (a[OPERATION_NAME]) {
      // A trace invokes agents, and is none.
      case 'invoke_agent': {
        const isTrace = a[AGENT_NAME] === undefined && !name.startsWith('invoke_agent')
        return isTrace ? { dialect: openaiAgents, role: 'workflow', name } : undefined
      }
      case 'agent_handoff':
        return {
          dialect: openaiAgents,
          role: 'tool',
          name: `handoff to ${textOf(a[TO]) ?? 'another agent'}`,
          input: a[FROM],
        }
      default:
        return undefined
    }
  },

  conclude: (facts, role) =>
    role === 'tool' ? { output: facts.attributes[TO] } : genai.conclude(facts, role),
}
