// POST /v1/chat/completions: https://platform.openai.com/docs/api-reference/chat
import { newId } from './ids.mjs'
import { USAGE } from './reply.mjs'
import { textOf } from './text.mjs'

const STREAMED_USAGE = {
  prompt_tokens: USAGE.input,
  completion_tokens: USAGE.output,
  total_tokens: USAGE.input + USAGE.output,
  prompt_tokens_details: { cached_tokens: USAGE.cached, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: USAGE.reasoning, audio_tokens: 0 },
}

export function conversationOf({
  messages,
  tools = [],
  tool_choice,
  parallel_tool_calls,
  response_format,
}) {
  const last = messages.findLastIndex(({ role }) => role === 'user')
  const since = messages.slice(last + 1)
  const names = new Map(
    since.flatMap(({ tool_calls = [] }) =>
      tool_calls.map((call) => [call.id, call.function?.name]),
    ),
  )
  return {
    question: textOf(messages[last]?.content),
    offered: tools.filter(({ type }) => type === 'function').map((tool) => tool.function),
    results: since
      .filter(({ role }) => role === 'tool')
      .map(({ tool_call_id, content }) => ({
        name: names.get(tool_call_id) ?? 'a tool',
        output: textOf(content),
      })),
    choice: tool_choice?.function?.name ?? tool_choice ?? 'auto',
    oneByOne: parallel_tool_calls === false,
    schema: response_format?.json_schema?.schema,
  }
}

export function whole(reply, { model }) {
  const { message, finish_reason } = choiceOf(reply)
  return {
    id: newId('chatcmpl'),
    object: 'chat.completion',
    created: seconds(),
    model,
    choices: [{ index: 0, message, logprobs: null, finish_reason }],
    usage: STREAMED_USAGE,
    service_tier: 'default',
  }
}

/** The events of a streamed one: the text in words, the arguments in halves. */
export function* streamed(reply, { model, stream_options }) {
  const common = {
    id: newId('chatcmpl'),
    object: 'chat.completion.chunk',
    created: seconds(),
    model,
    service_tier: 'default',
  }
  const { message, finish_reason } = choiceOf(reply)
  const delta = (delta, finish_reason = null) => ({
    data: { ...common, choices: [{ index: 0, delta, logprobs: null, finish_reason }] },
  })
  yield delta({ role: 'assistant', content: message.content === null ? null : '' })
  for (const content of wordsOf(message.content)) yield delta({ content })
  for (const [index, call] of (message.tool_calls ?? []).entries()) {
    yield delta({ tool_calls: [{ index, ...call, function: { ...call.function, arguments: '' } }] })
    for (const part of halvesOf(call.function.arguments)) {
      yield delta({ tool_calls: [{ index, function: { arguments: part } }] })
    }
  }
  yield delta({}, finish_reason)
  if (stream_options?.include_usage)
    yield { data: { ...common, choices: [], usage: STREAMED_USAGE } }
  yield { data: '[DONE]' }
}

function choiceOf({ calls, text }) {
  const message = { role: 'assistant', content: text ?? null, refusal: null, annotations: [] }
  if (calls === undefined) return { message, finish_reason: 'stop' }
  const tool_calls = calls.map(({ name, args }) => ({
    id: newId('call'),
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }))
  return { message: { ...message, tool_calls }, finish_reason: 'tool_calls' }
}

export function wordsOf(text) {
  return text?.match(/\s*\S+\s*$|\s*\S+/g) ?? []
}

export function halvesOf(text) {
  const middle = Math.ceil(text.length / 2)
  return [text.slice(0, middle), text.slice(middle)]
}

function seconds() {
  return Math.floor(Date.now() / 1000)
}
