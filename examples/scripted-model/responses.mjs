// POST /v1/responses: https://platform.openai.com/docs/api-reference/responses
import { halvesOf, wordsOf } from './chat.mjs'
import { newId } from './ids.mjs'
import { USAGE } from './reply.mjs'
import { textOf } from './text.mjs'

const MAX_KEPT = 10_000

const RESPONSE_USAGE = {
  input_tokens: USAGE.input,
  input_tokens_details: { cached_tokens: USAGE.cached },
  output_tokens: USAGE.output,
  output_tokens_details: { reasoning_tokens: USAGE.reasoning },
  total_tokens: USAGE.input + USAGE.output,
}

// What was said before may be referred to: an item by its id, a conversation by its last response.
const items = new Map()
const histories = new Map()

export function conversationOf(body) {
  const all = itemsOf(body)
  const last = all.findLastIndex(({ role }) => role === 'user')
  const since = all.slice(last + 1)
  const names = new Map(
    since.map(({ call_id, name }) => [call_id, name]).filter(([, name]) => name),
  )
  const { tools = [], tool_choice, parallel_tool_calls, text } = body
  return {
    question: textOf(all[last]?.content),
    offered: tools.filter(({ type }) => type === 'function'),
    results: since
      .filter(({ type }) => type === 'function_call_output')
      .map(({ call_id, output }) => ({
        name: names.get(call_id) ?? 'a tool',
        output: textOf(output),
      })),
    choice: tool_choice?.name ?? tool_choice ?? 'auto',
    oneByOne: parallel_tool_calls === false,
    schema: text?.format?.schema,
  }
}

export function whole(reply, body) {
  const output = outputOf(reply)
  const response = responseOf(body, { status: 'completed', output, usage: RESPONSE_USAGE })
  keep(response, body)
  return response
}

/** The events of a streamed one: the text in words, the arguments in halves. */
export function* streamed(reply, body) {
  const output = outputOf(reply)
  const response = responseOf(body, { status: 'in_progress', output: [], usage: null })
  keep({ ...response, output }, body)
  let sequence_number = -1
  const event = (type, fields) => {
    sequence_number += 1
    return { event: type, data: { type, sequence_number, ...fields } }
  }
  yield event('response.created', { response })
  yield event('response.in_progress', { response })
  for (const [output_index, item] of output.entries()) {
    const at = { output_index, item_id: item.id }
    if (item.type === 'function_call') {
      yield event('response.output_item.added', {
        output_index,
        item: { ...item, arguments: '', status: 'in_progress' },
      })
      for (const delta of halvesOf(item.arguments)) {
        yield event('response.function_call_arguments.delta', { ...at, delta })
      }
      yield event('response.function_call_arguments.done', { ...at, arguments: item.arguments })
    } else {
      const [part] = item.content
      const inPart = { ...at, content_index: 0 }
      yield event('response.output_item.added', {
        output_index,
        item: { ...item, content: [], status: 'in_progress' },
      })
      yield event('response.content_part.added', { ...inPart, part: { ...part, text: '' } })
      for (const delta of wordsOf(part.text)) {
        yield event('response.output_text.delta', { ...inPart, delta, logprobs: [] })
      }
      yield event('response.output_text.done', { ...inPart, text: part.text, logprobs: [] })
      yield event('response.content_part.done', { ...inPart, part })
    }
    yield event('response.output_item.done', { output_index, item })
  }
  const done = { ...response, status: 'completed', output, usage: RESPONSE_USAGE }
  yield event('response.completed', { response: done })
}

function itemsOf({ input, previous_response_id }) {
  const given = typeof input === 'string' ? [{ role: 'user', content: input }] : (input ?? [])
  const known = given.map((item) =>
    item.type === 'item_reference' || item.type === undefined ? (items.get(item.id) ?? item) : item,
  )
  return [...(histories.get(previous_response_id) ?? []), ...known]
}

function outputOf({ calls, text }) {
  if (calls === undefined) {
    const content = [{ type: 'output_text', text, annotations: [], logprobs: [] }]
    return [{ id: newId('msg'), type: 'message', status: 'completed', role: 'assistant', content }]
  }
  return calls.map(({ name, args }) => ({
    id: newId('fc'),
    type: 'function_call',
    status: 'completed',
    call_id: newId('call'),
    name,
    arguments: JSON.stringify(args),
  }))
}

function responseOf(body, fields) {
  return {
    id: newId('resp'),
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    background: false,
    error: null,
    incomplete_details: null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    model: body.model,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: { effort: null, summary: null },
    service_tier: 'default',
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: body.text ?? { format: { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? 1,
    truncation: 'disabled',
    user: null,
    ...fields,
  }
}

function keep({ id, output }, body) {
  histories.set(id, [...itemsOf(body), ...output])
  for (const item of output) items.set(item.id, item)
  for (const kept of [histories, items]) {
    if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value)
  }
}
