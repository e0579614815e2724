import { TOOL_CALL_ARGUMENTS, TOOL_CALL_RESULT, TOOL_NAME } from '../attributes.ts'
import type { Dialect, Findings, Recognised } from './span-facts.ts'
import { jsonOf, textOf } from './values.ts'

// https://github.com/open-telemetry/semantic-conventions-genai, MCP
const METHOD = 'mcp.method.name'
const CALL = 'tools/call'
const NAMED = /^(?:MCP send )?tools\/call (.+)$/s
const SERVER = 'fastmcp.server.name'

/** Calls of MCP tools that name no GenAI operation. */
export const mcp: Dialect = {
  keys: [METHOD],

  recognise({ name, root, attributes: a }): Recognised | null | undefined {
    if (a[METHOD] !== CALL) return undefined
    // What a server does for a call is what the call does.
    if (root === false && a[SERVER] !== undefined) return null
    return {
      dialect: mcp,
      role: 'tool',
      name: textOf(a[TOOL_NAME]) ?? NAMED.exec(name)?.[1] ?? name,
      input: jsonOf(a[TOOL_CALL_ARGUMENTS]),
    }
  },

  conclude({ attributes: a }): Findings {
    return { output: jsonOf(a[TOOL_CALL_RESULT]) }
  },
}
