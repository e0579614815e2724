import { EventEmitter, once } from 'node:events'
import { json } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { answer, beginAnswer } from '../testing/model-server.ts'
import { scriptedServer } from '../testing/scripted-server.ts'
import { modelFrom } from './model.ts'

function modelAt(baseUrl: string) {
  const model = modelFrom({
    OPENAI_API_KEY: 'test-key',
    OPENAI_BASE_URL: `${baseUrl}/v1`,
    OPENAI_MODEL: 'tiny',
  })
  if (model === undefined) throw new Error('Expected a model')
  return model
}

test('without a key there is no model', () => {
  expect(modelFrom({})).toBeUndefined()
  expect(modelFrom({ OPENAI_API_KEY: '' })).toBeUndefined()
})

test('the answer streams piece by piece from the server that OPENAI_BASE_URL names', async () => {
  const requests: unknown[] = []
  const baseUrl = await scriptedServer(async (request, response) => {
    requests.push([request.url, request.headers.authorization, await json(request)])
    answer(response, 'Hello ', 'there')
  })

  const ask = modelAt(baseUrl).forRun(new AbortController().signal)
  const parts: string[] = []
  for await (const part of ask({ instruction: 'Be brief.', text: 'Hi' })) parts.push(part)

  expect(parts).toEqual(['Hello ', 'there'])
  expect(requests).toEqual([
    [
      '/v1/chat/completions',
      'Bearer test-key',
      {
        model: 'tiny',
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hi' },
        ],
        stream: true,
        stream_options: { include_usage: true },
      },
    ],
  ])
})

test('cancelling the run ends the request and the answer', async () => {
  const server = new EventEmitter()
  const closed = once(server, 'closed')
  const baseUrl = await scriptedServer((request, response) => {
    request.resume()
    response.on('close', () => server.emit('closed'))
    beginAnswer(response, 'Hello ')
  })
  const cancel = new AbortController()

  const parts = modelAt(baseUrl).forRun(cancel.signal)({ instruction: '', text: 'Hi' })
  await parts.next()
  cancel.abort(new Error('no longer needed'))

  await expect(parts.next()).rejects.toThrow('no longer needed')
  await closed
})

test('a server that refuses makes the call fail with what it said', async () => {
  const baseUrl = await scriptedServer((request, response) => {
    request.resume()
    response.writeHead(401, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: { message: 'Incorrect API key provided' } }))
  })

  const parts = modelAt(baseUrl).forRun(new AbortController().signal)({
    instruction: '',
    text: 'Hi',
  })

  await expect(parts.next()).rejects.toThrow('Incorrect API key provided')
})
