import { expect, test } from 'vitest'
import { follow } from './follow.ts'
import { type Script, scriptedServer } from './testing/scripted-server.ts'

const signal = new AbortController().signal
const frame = (seq: number, type: string) =>
  `id: e.${seq}\ndata: ${JSON.stringify({ type, seq })}\n\n`
const END = 'data: {"type":"stream.end","reason":"completed","lastSeq":3}\n\n'

/** A stream that answers each connection with the next of these texts, and notes where it was resumed. */
function connections(...texts: readonly string[]): {
  readonly script: Script
  readonly resumed: unknown[]
} {
  const resumed: unknown[] = []
  const script: Script = (request, response) => {
    const text = texts[resumed.length] ?? ''
    resumed.push(request.headers['last-event-id'])
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(text)
  }
  return { script, resumed }
}

async function typesOf(events: AsyncIterable<{ readonly type: string }>): Promise<string[]> {
  const types: string[] = []
  for await (const { type } of events) types.push(type)
  return types
}

test('a run is followed to its end, and comments and gaps are passed over', async () => {
  const { script } = connections(
    `retry: 1000\n\n: ping 1 2\n\n${frame(1, 'run.start')}data: {"type":"stream.gap","reason":"restarted"}\n\n${frame(2, 'run.end')}${END}`,
  )

  const events = follow(new URL(await scriptedServer(script)), signal)

  expect(await typesOf(events)).toEqual(['run.start', 'run.end'])
})

test('a stream that breaks is resumed after the last event', async () => {
  const { script, resumed } = connections(
    frame(1, 'run.start') + frame(2, 'agent.start').slice(0, 20),
    `${frame(2, 'agent.start')}data: {"type":"stream.end","reason":"max-duration","lastSeq":2}\n\n`,
    frame(3, 'run.end') + END,
  )

  const events = follow(new URL(await scriptedServer(script)), signal)

  expect(await typesOf(events)).toEqual(['run.start', 'agent.start', 'run.end'])
  expect(resumed).toEqual([undefined, 'e.1', 'e.2'])
})

test('a refusal is an error with what the bridge said', async () => {
  const url = await scriptedServer((_, response) =>
    response.writeHead(404).end('{"code":"not-found"}'),
  )

  await expect(typesOf(follow(new URL(`${url}/api/agents/x/stream`), signal))).rejects.toThrow(
    'got 404: {"code":"not-found"}',
  )
})

test('leaving by the signal ends the stream', async () => {
  const cancel = new AbortController()
  const url = await scriptedServer((_, response) => response.write(frame(1, 'run.start')))

  const events = follow(new URL(url), cancel.signal)
  await events.next()
  cancel.abort(new Error('left'))

  await expect(events.next()).rejects.toThrow('left')
})
