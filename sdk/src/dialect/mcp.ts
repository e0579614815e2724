import { TOOL_CALL_ARGUMENTS, TOOL_CALL_RESULT, TOOL_NAME } from '../attributes.ts'
import type { Dialect, Findings, Recognised } from './span-facts.ts'
import { jsonOf, textOf } from './values.ts'

// https://github.com/open-telemetry/semantic-conventions-genai, MCP
const METHOD = 'mcp.method.name'
const CALL = 'tools/call'

/** Calls of MCP tools that name no GenAI operation. */
export const mcp: Dialect = {
  keys: [METHOD],

  recognise({ name, attributes: a }): Recognised | undefined {
    if (a[METHOD] !== CALL) return undefined
    return {
      dialect: mcp,
      role: 'tool',
      name:
        textOf(a[TOOL_NAME]) ?? (name.startsWith(`${CALL} `) ? name.slice(CALL.length + 1) : name),
      input: jsonOf(a[TOOL_CALL_ARGUMENTS]),
    }
  },

  conclude({ attributes: a }): Findings {
    return { output: jsonOf(a[TOOL_CALL_RESULT]) }
  },
}
