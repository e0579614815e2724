import { fieldsOf, structureOf, textOf, unwrapped } from './values.ts'

// What LangChain and LangGraph call the pieces that they put between those of the user.
const PLUMBING =
  /^(Runnable|Channel(Write|Read)|Branch<|__\w+__$|_write$|call_model$|should_?continue$|tools_condition$|prompt$|Unnamed$)|(OutputParser|Prompt(Template)?|PromptValue)$/i

/** Whether a chain of that name is one of the library's own, which says nothing to a person. */
export function isPlumbing(name: string): boolean {
  return PLUMBING.test(name)
}

/** A tool's arguments: bare, as JSON, below `input`, or in the model's call of the tool. */
export function toolArguments(value: unknown): unknown {
  const given = structureOf(unwrapped(value, ['input']))
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

function toolMessage(value: unknown): Readonly<Record<string, unknown>> | undefined {
  const fields = fieldsOf(value)
  if (fields === undefined) return undefined
  const message = fields.lc === undefined ? fields : fieldsOf(fields.kwargs)
  return message !== undefined && 'content' in message && 'tool_call_id' in message
    ? message
    : undefined
}
