import { createServer } from 'node:http'
import * as chat from './chat.mjs'
import { replyTo } from './reply.mjs'
import * as responses from './responses.mjs'

const MAX_BODY_BYTES = 16 * 1024 * 1024
const APIS = new Map([
  ['/v1/chat/completions', chat],
  ['/v1/responses', responses],
])

/** Starts the scripted model on loopback. `url` is the base URL that clients take (`OPENAI_BASE_URL`). */
export async function startScriptedModel({ port = 0 } = {}) {
  const server = createServer((request, response) => {
    answer(request, response).catch((error) => {
      if (response.headersSent) response.destroy()
      else refuse(response, 500, 'server_error', String(error?.message))
    })
  })
  await new Promise((listening, failed) => {
    server.once('error', failed).listen(port, '127.0.0.1', listening)
  })
  return {
    url: `http://127.0.0.1:${server.address().port}/v1`,
    close: () => {
      server.closeAllConnections()
      return new Promise((closed) => server.close(closed))
    },
  }
}

async function answer(request, response) {
  const { pathname } = new URL(request.url, 'http://localhost')
  const api = APIS.get(pathname)
  if (api === undefined) {
    return refuse(
      response,
      404,
      'invalid_request_error',
      `Expected one of ${[...APIS.keys()].join(', ')}.`,
    )
  }
  if (request.method !== 'POST') {
    return refuse(response, 405, 'invalid_request_error', `Expected POST, got ${request.method}.`)
  }
  if (!/^bearer \S/i.test(request.headers.authorization ?? '')) {
    return refuse(response, 401, 'invalid_request_error', 'Expected an API key: any will do.')
  }
  const read = await bodyOf(request)
  if (typeof read === 'string') return refuse(response, 400, 'invalid_request_error', read)
  const conversation = understood(api, read)
  if (conversation === undefined) {
    return refuse(response, 400, 'invalid_request_error', 'The conversation is not well-formed.')
  }
  const reply = replyTo(conversation)
  if (reply.failure !== undefined) {
    const { status, message } = reply.failure
    return refuse(
      response,
      status,
      status < 500 ? 'invalid_request_error' : 'server_error',
      message,
    )
  }
  if (read.stream !== true) return send(response, 200, api.whole(reply, read))
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  for (const { event, data } of api.streamed(reply, read)) {
    const line = typeof data === 'string' ? data : JSON.stringify(data)
    response.write(`${event === undefined ? '' : `event: ${event}\n`}data: ${line}\n\n`)
    // A turn of its own: clients see a stream, not one write.
    await new Promise(setImmediate)
  }
  response.end()
}

/** The request, or what is wrong with it. */
async function bodyOf(request) {
  const chunks = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > MAX_BODY_BYTES) return `Expected at most ${MAX_BODY_BYTES} bytes.`
    chunks.push(chunk)
  }
  try {
    const body = JSON.parse(Buffer.concat(chunks).toString())
    if (typeof body?.model !== 'string') return 'Expected `model` to be a string.'
    if (Array.isArray(body.messages) || body.input !== undefined) return body
    return 'Expected `messages` or `input`.'
  } catch {
    return 'Expected a JSON body.'
  }
}

/** `undefined` if the request is not as the API wants it, wherever that shows. */
function understood(api, request) {
  try {
    return api.conversationOf(request)
  } catch {
    return undefined
  }
}

function refuse(response, status, type, message) {
  send(response, status, { error: { message, type, param: null, code: null } })
}

function send(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}
