import { describe, expect, test } from 'vitest'
import { requestFormat } from './formats.ts'
import { EXAMPLE_RUN } from './testing/example-run.ts'
import { type AiSdkRead, given, readAiSdk } from './testing/readers.ts'
import {
  custom,
  type Happening,
  numbered,
  RUN,
  runEnd,
  runStart,
  toolStart,
} from './testing/scripted-run.ts'

function read(happenings: readonly Happening[]): Promise<AiSdkRead> {
  const telling = requestFormat('ai-sdk')?.tell(RUN)
  const frames = numbered(happenings).map((event) => {
    const { seq, type } = event
    return telling?.entry({ seq, type, json: JSON.stringify(event) }, `e.${seq}`)
  })
  return readAiSdk('http://run', given(frames.join('')))
}

describe('a run in the UI message stream of the AI SDK', () => {
  test('is one assistant message of texts, thoughts, tools and data, in order', async () => {
    const { message, told } = await read(EXAMPLE_RUN)

    expect(told).toEqual([])
    expect(message).toMatchObject({
      id: RUN,
      role: 'assistant',
      metadata: {
        spancast: {
          name: 'research',
          input: 'What is two and two?',
          status: 'ok',
          output: { answer: 4 },
        },
      },
      parts: [
        { type: 'step-start' },
        { type: 'data-spancast-agent', id: 'writer', data: { kind: 'agent', status: 'ok' } },
        {
          type: 'data-spancast-agent',
          id: 'researcher',
          data: { parentId: 'writer', status: 'ok' },
        },
        { type: 'data-progress', data: { percent: 50 } },
        {
          type: 'dynamic-tool',
          toolName: 'search',
          state: 'output-available',
          input: { query: '2 + 2' },
          output: [4],
          providerExecuted: true,
        },
        {
          type: 'dynamic-tool',
          state: 'output-error',
          input: { path: '/' },
          errorText: 'EIO: no disk',
          callProviderMetadata: { spancast: { toolCallId: 'call_1' } },
        },
        {
          type: 'data-spancast-llm',
          data: { status: 'ok', cost: 0.01, tokenUsage: { totalTokens: 5 } },
        },
        {
          type: 'text',
          text: 'It is four.',
          state: 'done',
          providerMetadata: { spancast: { nodeId: 'notes', subagent: 'researcher' } },
        },
        { type: 'data-spancast-llm', id: 'prose' },
        { type: 'reasoning', text: 'They add up.', state: 'done' },
        { type: 'text', text: 'Two and two is four.', state: 'done' },
      ],
    })
    expect(message?.parts).toHaveLength(11)
  })

  test('tells of streamed objects without keeping them in the message', async () => {
    const { chunks } = await read(EXAMPLE_RUN)

    expect(chunks).toContainEqual({
      type: 'data-spancast-chunk',
      transient: true,
      data: { spanId: 'prose', nodeId: 'prose', index: 0, kind: 'data', delta: { step: 1 } },
    })
  })

  test('keeps what the application names like our own parts apart from them', async () => {
    const { chunks } = await read([
      runStart(),
      custom('root-span', 'spancast-agent', 'me'),
      runEnd(),
    ])

    expect(chunks).toContainEqual({
      type: 'data-spancast-event',
      transient: true,
      data: { type: 'agent.event', name: 'spancast-agent', content: 'me' },
    })
  })

  test.each([
    ['ok', [], 'stop'],
    ['cancelled', [], 'other'],
    ['error', ['too far'], 'error'],
    ['abandoned', ['too far'], 'error'],
  ])('ends as the AI SDK ends a run that ended as %s', async (status, errors, finishReason) => {
    const error = { type: 'RangeError', message: 'too far' }

    const { chunks, told } = await read([runStart(), runEnd({ status, error })])

    expect(told).toEqual(errors)
    expect(chunks.at(-1)).toEqual({ type: 'finish', finishReason })
    expect(chunks.some(({ type }) => type === 'abort')).toBe(status === 'cancelled')
  })

  test('leaves no tool call that waits', async () => {
    const { message } = await read([runStart(), toolStart('search', 'x', {}), runEnd()])

    expect(message?.parts).toContainEqual(
      expect.objectContaining({ type: 'dynamic-tool', state: 'output-error' }),
    )
  })
})
