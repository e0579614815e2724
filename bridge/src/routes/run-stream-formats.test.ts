import type { AgentObserver } from '@spancast/sdk'
import { AbstractChat, type ChatState, DefaultChatTransport, type UIMessage } from 'ai'
import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { readAgUi, readAiSdk } from '../formats/testing/readers.ts'
import { emitChunks, emitEvents, endRun } from '../sse/testing/emit.ts'
import type { RawReader, RawReaderOptions } from '../sse/testing/raw-reader.ts'
import { type StreamServer, streamServer } from '../sse/testing/stream-server.ts'
import { RUN, read, serve } from '../sse/testing/streaming.ts'

const urlOf = (server: StreamServer, query: string): string =>
  `${server.url}/api/agents/${RUN}/stream${query}`
const resuming = (id: string): RawReaderOptions => ({ headers: { 'Last-Event-ID': id } })
const dataOf = (reader: RawReader): Record<string, unknown>[] =>
  reader.parser.messages.filter(({ data }) => data !== '[DONE]').map(({ data }) => JSON.parse(data))
const typesOf = (reader: RawReader): unknown[] => dataOf(reader).map(({ type }) => type)

/** One agent that says two words, with a turn of the event loop in between. */
async function speak(observer: AgentObserver): Promise<void> {
  const of = { spanId: 'aaaaaaaaaaaaaaaa', nodeId: 'writer' }
  observer.emit({ type: 'agent.start', nodeName: 'writer', nodeKind: 'agent', ...of })
  observer.emit({ type: 'agent.chunk', index: 0, delta: 'Hello ', kind: 'text', ...of })
  await new Promise((resolve) => setImmediate(resolve))
  observer.emit({ type: 'agent.chunk', index: 1, delta: 'there.', kind: 'text', ...of })
}

describe('a run that goes on', () => {
  test('is watched by the client of AG-UI, word by word', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const watched = readAgUi(urlOf(server, '?format=ag-ui'), fetch)
    await vi.waitFor(() => expect(server.streams.stats().events).toBe(2))

    await speak(observer)
    endRun(observer)
    const { events, messages } = await watched

    expect(events.at(-1)).toMatchObject({ type: 'RUN_FINISHED', runId: RUN })
    expect(messages).toMatchObject([{ role: 'assistant', content: 'Hello there.' }])
  })

  test('is watched by the transport of the AI SDK, word by word', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const watched = readAiSdk(urlOf(server, '?format=ai-sdk'), fetch)
    await vi.waitFor(() => expect(server.streams.stats().events).toBe(2))

    await speak(observer)
    endRun(observer)
    const { chunks, message } = await watched

    expect(chunks.at(-1)).toEqual({ type: 'finish', finishReason: 'stop' })
    expect(message?.parts).toMatchObject([
      { type: 'step-start' },
      { type: 'data-progress' },
      { type: 'data-spancast-agent' },
      { type: 'text', text: 'Hello there.', state: 'done' },
    ])
  })

  test('is what a chat that resumes its stream shows, also when it resumes twice', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    await speak(observer)
    const chat = new WatchingChat(urlOf(server, '?format=ai-sdk'))
    const first = chat.resumeStream()
    await vi.waitFor(() => expect(chat.text).toBe('Hello there.'))

    const second = chat.resumeStream()
    endRun(observer)
    await Promise.all([first, second])

    expect(chat.status).toBe('ready')
    expect(chat.messages).toHaveLength(1)
    expect(chat.text).toBe('Hello there.')
  })
})

describe('a stream in another format', () => {
  test.each([
    ['ag-ui', undefined],
    ['ai-sdk', 'v1'],
  ])('%s has the headers of every stream, and its own, to HEAD too', async (format, version) => {
    const server = await serve()
    server.registry.create(RUN)

    for (const method of ['GET', 'HEAD']) {
      const reader = await read(server, `?format=${format}`, { method }).begun()
      expect(reader.header('Content-Type')).toBe('text/event-stream; charset=utf-8')
      expect(reader.header('Cache-Control')).toBe('no-cache, no-transform')
      expect(reader.header('x-vercel-ai-ui-message-stream')).toBe(version)
    }
  })

  test('has the id of an event on its last record, so that none is cut in half', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    await speak(observer)

    const reader = await read(server, '?format=ag-ui').got(6)

    const ids = reader.parser.messages.map(({ id }) => id.split('.')[1] ?? '')
    expect(typesOf(reader)).toEqual([
      'RUN_STARTED',
      'CUSTOM',
      'STEP_STARTED',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_CONTENT',
    ])
    expect(ids).toEqual(['', '1', '2', '2', '3', '4'])
  })

  test('ends with [DONE] for the AI SDK, whatever ends it', async () => {
    const server = await serve({ streams: { maxStreamMs: 50 } })
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const rotated = await read(server, '?format=ai-sdk').over()
    endRun(observer)
    const completed = await read(server, '?format=ai-sdk').over()

    expect(rotated.body).toMatch(/"reason":"max-duration".*\n\ndata: \[DONE\]\n\n$/)
    expect(completed.body).toMatch(/"finishReason":"stop"\}\n\ndata: \[DONE\]\n\n$/)
  })

  test('keeps its pace like every other: a reader that does not read is cut, and nobody waits', async () => {
    const server = await serve({ streams: { maxReaderBytes: 200_000 } })
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    const reader = await read(server, '?format=ag-ui').got(3)
    reader.socket.pause()

    // Kernels take megabytes for a reader that does not read.
    await vi.waitFor(
      () => {
        observer.emit({ type: 'agent.event', name: 'large', content: 'x'.repeat(30_000) })
        expect(server.streams.stats().ended['too-slow']).toBe(1)
      },
      { interval: 1, timeout: 20_000 },
    )

    expect(observer.ended).toBe(false)
  })

  test('is told that the bridge closes', async () => {
    const server = await serve()
    emitEvents(server.registry.create(RUN), 1)
    const reader = await read(server, '?format=ag-ui').got(3)

    await server.streams.close()
    await reader.over()

    expect(dataOf(reader).at(-1)).toMatchObject({
      name: 'spancast.stream.end',
      value: { reason: 'shutdown', lastSeq: 2 },
    })
  })

  test('that nobody speaks is refused with the list of those that are', async () => {
    const server = await serve()

    const refused = await fetch(urlOf(server, '?format=morse'))

    expect(refused.status).toBe(400)
    expect(await refused.json()).toMatchObject({
      code: 'unknown-format',
      detail: 'Expected `format` to be one of spancast, ag-ui, ai-sdk, or absent, got "morse".',
      formats: ['spancast', 'ag-ui', 'ai-sdk'],
    })
  })
})

describe('resuming in another format', () => {
  test('begins with the start records of what is open, then what came after', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    await speak(observer)

    const reader = await read(server, '?format=ag-ui', resuming(`${observer.epoch}.3`)).got(4)

    expect(dataOf(reader)).toMatchObject([
      { type: 'RUN_STARTED' },
      { type: 'STEP_STARTED', stepName: 'writer' },
      { type: 'TEXT_MESSAGE_START', messageId: 'aaaaaaaaaaaaaaaa-3' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: 'aaaaaaaaaaaaaaaa-3', delta: 'there.' },
    ])
    expect(reader.parser.messages.map(({ id }) => id)).toEqual(['', '', '', `${observer.epoch}.4`])
  })

  test('goes on where the end of the last stream says', async () => {
    const server = await serve({ streams: { maxStreamMs: 40 } })
    const observer = server.registry.create(RUN)
    await speak(observer)
    const left = await readAgUi(urlOf(server, '?format=ag-ui'), fetch)
    const end = left.events.at(-1)
    endRun(observer)

    const { since = '' } = (end?.value ?? {}) as { since?: string }
    const back = await readAgUi(urlOf(server, `?format=ag-ui&since=${since}`), fetch, left.agent)

    expect(end).toMatchObject({ name: 'spancast.stream.end', value: { reason: 'max-duration' } })
    expect(since).toBe(`${observer.epoch}.4`)
    expect(back.messages).toMatchObject([{ content: 'Hello there.' }])
  })

  test('is 204 when there is nothing left', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    endRun(observer)

    const answer = await fetch(urlOf(server, `?format=ai-sdk&since=${observer.epoch}.3`))

    expect(answer.status).toBe(204)
  })

  test('hears of what is lost, with an id, in words of the format', async () => {
    const server = await serve({ runs: { maxEvents: 4 } })
    const observer = server.registry.create(RUN)
    emitEvents(observer, 9)

    const agUi = await read(server, '?format=ag-ui&since=2').got(6)
    const aiSdk = await read(server, '?format=ai-sdk&since=2').got(6)

    expect(dataOf(agUi)[1]).toEqual({
      type: 'CUSTOM',
      name: 'spancast.stream.gap',
      value: { reason: 'overwritten', from: 3, to: 6 },
    })
    expect(agUi.parser.messages[1]?.id).toBe(`${observer.epoch}.6`)
    expect(dataOf(aiSdk)).toContainEqual({
      type: 'data-spancast-gap',
      data: { reason: 'overwritten', from: 3, to: 6 },
    })
  })

  test('a run that the bridge does not know begins it, says so, and goes on when the run appears', async () => {
    const server = await serve()
    const reader = await read(server, '?format=ag-ui', resuming('feedbeef.7')).got(2)

    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)
    endRun(observer)
    await reader.over()

    expect(dataOf(reader)).toMatchObject([
      { type: 'RUN_STARTED', runId: RUN },
      { name: 'spancast.stream.gap', value: { reason: 'restarted' } },
      { name: 'spancast.run.start' },
      { name: 'progress' },
      { type: 'RUN_FINISHED' },
    ])
  })

  test('a run of another buffer says so ahead of everything', async () => {
    const server = await serve()
    const observer = server.registry.create(RUN)
    emitEvents(observer, 1)

    const reader = await read(server, '?format=ai-sdk', resuming('feedbeef.7')).got(4)

    expect(typesOf(reader).slice(0, 3)).toEqual(['start', 'start-step', 'data-spancast-gap'])
    expect(reader.parser.messages[2]?.id).toBe(`${observer.epoch}.0`)
  })
})

test('over sockets, too, real readers accept what they get wherever they come in', async () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('emit', 'talk', 'speak', 'read'), fc.nat(12)), {
    maxLength: 25,
  })
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 1, max: 30 }), async (all, maxEvents) => {
      await using server = await streamServer({ runs: { maxEvents, maxChunks: 5 } })
      const observer = server.registry.create(RUN)
      const reading: Promise<unknown>[] = []
      for (const [step, count] of all) {
        if (step === 'emit') emitEvents(observer, count)
        else if (step === 'talk') emitChunks(observer, count)
        else if (step === 'speak') await speak(observer)
        else {
          // Those that begin before the first event wait for it.
          const since = observer.lastSeq === 0 ? '' : `&since=${count % (observer.lastSeq + 2)}`
          reading.push(readAgUi(urlOf(server, `?format=ag-ui${since}`), fetch))
          reading.push(readAiSdk(urlOf(server, `?format=ai-sdk${since}`), fetch))
          await new Promise((resolve) => setImmediate(resolve))
        }
      }
      emitEvents(observer, 1)
      endRun(observer)

      const outcomes = await Promise.allSettled(reading)

      const refused = outcomes.filter(({ status }) => status === 'rejected')
      expect(refused.map((outcome) => String((outcome as PromiseRejectedResult).reason))).toEqual(
        [],
      )
    }),
    { numRuns: 25 },
  )
})

/** What `useChat` drives, without React. */
class WatchingChat extends AbstractChat<UIMessage> {
  constructor(api: string) {
    const state: ChatState<UIMessage> = {
      status: 'ready',
      error: undefined,
      messages: [],
      pushMessage: (message) => {
        state.messages = [...state.messages, message]
      },
      popMessage: () => {
        state.messages = state.messages.slice(0, -1)
      },
      replaceMessage: (index, message) => {
        state.messages = state.messages.with(index, message)
      },
      snapshot: (thing) => structuredClone(thing),
    }
    const prepareReconnectToStreamRequest = (): { api: string } => ({ api })
    const transport = new DefaultChatTransport({ prepareReconnectToStreamRequest })
    super({ state, transport, generateId: () => 'unused' })
  }

  get text(): string {
    const parts = this.messages.flatMap((message) => message.parts)
    return parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
  }
}
