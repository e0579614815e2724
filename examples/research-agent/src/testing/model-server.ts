import type { ServerResponse } from 'node:http'

const USAGE = {
  prompt_tokens: 9,
  completion_tokens: 2,
  total_tokens: 11,
  prompt_tokens_details: { cached_tokens: 4 },
}

/** Begins a streamed chat completion, as a server of the OpenAI protocol does. */
export function beginAnswer(response: ServerResponse, ...parts: readonly string[]): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const content of parts) {
    send(response, { choices: [{ index: 0, delta: { content }, finish_reason: null }] })
  }
}

/** A whole one: the parts, then the usage of 9 tokens in and 2 out. */
export function answer(response: ServerResponse, ...parts: readonly string[]): void {
  beginAnswer(response, ...parts)
  send(response, { choices: [], usage: USAGE })
  response.end('data: [DONE]\n\n')
}

function send(response: ServerResponse, chunk: object): void {
  const common = { id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'tiny-2026' }
  response.write(`data: ${JSON.stringify({ ...common, ...chunk })}\n\n`)
}
