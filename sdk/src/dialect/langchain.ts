import { objectInPython } from './python-literal.ts'
import { fieldsOf, structureOf, textOf, unwrapped } from './values.ts'

// What LangChain and LangGraph call the pieces that they put between those of the user. An agent's node `tools`, for
// one, says nothing that the tools in it do not say.
const PLUMBING =
  /^(Runnable|Channel(Write|Read)|Branch<|__\w+__$|_write$|call_model$|model_request$|tools$|should_?continue$|tools_condition$|prompt$|Unnamed$)|(OutputParser|Prompt(Template)?|PromptValue)$/i

const ROLES: Readonly<Record<string, string>> = {
  HumanMessage: 'user',
  AIMessage: 'assistant',
  SystemMessage: 'system',
  ToolMessage: 'tool',
  human: 'user',
  ai: 'assistant',
  system: 'system',
  tool: 'tool',
}
const MESSAGE = /Message(Chunk)?$/
// What is nested deeper is left as it came.
const MAX_DEPTH = 64
const MAX_PARTS = 10_000

/** Whether a chain of that name is one of the library's own, which says nothing to a person. */
export function isPlumbing(name: string): boolean {
  return PLUMBING.test(name)
}

/** A tool's arguments: bare, as JSON, below `input`, or in the model's call of the tool. */
export function toolArguments(value: unknown): unknown {
  const read = structureOf(unwrapped(value, ['input']))
  const given = typeof read === 'string' ? objectInPython(read) : read
  const call = fieldsOf(given)
  return call?.type === 'tool_call' && call.args !== undefined ? call.args : given
}

/** A tool's result: bare, as JSON, below `output`, or as the content of the message that carries it. */
export function toolResult(value: unknown): unknown {
  const given = structureOf(unwrapped(value, ['output', 'outputs']))
  const message = toolMessage(given)
  return message === undefined ? given : structureOf(message.content)
}

/** Which call of the model the message that carries a result answers. */
export function answeredCall(value: unknown): string | undefined {
  return textOf(toolMessage(unwrapped(value, ['output', 'outputs']))?.tool_call_id)
}

/** The tool whose result a message carries. */
export function answeringTool(value: unknown): string | undefined {
  return textOf(toolMessage(unwrapped(value, ['output', 'outputs']))?.name)
}

/** Whether the last message of what an agent's graph has come to is that agent's own. */
export function speaksAs(name: string, value: unknown): boolean {
  // Cheaper than reading all of it, which most chains need not be asked for.
  if (typeof value !== 'string' || !value.includes(name)) return false
  const last = listOf(fieldsOf(plain(fieldsOf(value)))?.messages).at(-1)
  const message = fieldsOf(last)
  return message?.role === 'assistant' && message.name === name
}

/** Content as a person writes it: messages with a role, and no constructors of LangChain's classes. */
export function plain(value: unknown): unknown {
  return plainPart(value, 0, { left: MAX_PARTS })
}

/** Parts that may still be looked at: what refers to itself has no end. */
interface Budget {
  left: number
}

function plainPart(value: unknown, depth: number, budget: Budget): unknown {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return value
  if (--budget.left < 0) return value
  if (Array.isArray(value)) {
    return value.map((item: unknown) => plainPart(item, depth + 1, budget))
  }
  // Any object may be read by its keys.
  const fields = value as Record<string, unknown>
  if (fields.lc === 1 && fields.type === 'constructor') {
    const [of] = Array.isArray(fields.id) ? fields.id.slice(-1) : []
    const built = fieldsOf(fields.kwargs)
    if (built === undefined) return value
    return typeof of === 'string' && MESSAGE.test(of)
      ? message(of, built, depth, budget)
      : plainPart(built, depth + 1, budget)
  }
  const data = dataOf(fields)
  if (data !== undefined) return message(`${fields.type}`, data, depth, budget)
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, plainPart(field, depth + 1, budget)]),
  )
}

/** The fields of a message as LangChain for Python writes it: `{ type, data: { content } }`, or all in one. */
function dataOf(
  fields: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined {
  if (typeof fields.type !== 'string' || ROLES[fields.type] === undefined) return undefined
  const { data } = fields
  // LangSmith and Langfuse write the fields right beside the type.
  const held =
    typeof data === 'object' ? fieldsOf(data) : 'additional_kwargs' in fields ? fields : undefined
  return held !== undefined && 'content' in held ? held : undefined
}

function message(
  of: string,
  built: Readonly<Record<string, unknown>>,
  depth: number,
  budget: Budget,
): unknown {
  const { content, tool_calls: calls, tool_call_id: answers, name } = built
  const hasCalls = Array.isArray(calls) && calls.length > 0
  return {
    role: ROLES[of.replace(/Chunk$/, '')] ?? of,
    ...(textOf(name) !== undefined && { name }),
    ...(textOf(answers) !== undefined && { tool_call_id: answers }),
    content: plainPart(content, depth + 1, budget),
    ...(hasCalls && { tool_calls: plainPart(calls, depth + 1, budget) }),
  }
}

/** What a model was asked: LangChain's list of conversations if there is just one, else the messages in it. */
export function asked(value: unknown): unknown {
  const [first, more] = listOf(fieldsOf(value)?.messages)
  return first !== undefined && more === undefined && Array.isArray(first) ? first : value
}

/** What a model answered: the message, if there is just one. */
export function answered(value: unknown): unknown {
  const [first, more] = listOf(fieldsOf(value)?.generations)
  const [only, another] = listOf(first)
  if (more !== undefined || another !== undefined) return value
  return fieldsOf(only)?.message ?? value
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function toolMessage(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const fields = fieldsOf(value)
  if (fields === undefined) return undefined
  const message = fieldsOf(fields.lc === undefined ? (dataOf(fields) ?? fields) : fields.kwargs)
  return message !== undefined && 'content' in message && 'tool_call_id' in message
    ? message
    : undefined
}
