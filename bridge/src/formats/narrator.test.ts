import type { AgentEvent } from '@spancast/sdk'
import { describe, expect, test } from 'vitest'
import type { Telling } from '../sse/telling.ts'
import type { FeedEntry } from '../store/run-store.ts'
import { requestFormat } from './formats.ts'
import { given, readAgUi, readAiSdk } from './testing/readers.ts'
import {
  chunk,
  type Happening,
  nodeEnd,
  nodeStart,
  numbered,
  RUN,
  runEnd,
  runStart,
  toolEnd,
  toolStart,
} from './testing/scripted-run.ts'

function tell(name: string): Telling {
  const telling = requestFormat(name)?.tell(RUN)
  if (telling === undefined) throw new Error(`no format ${name}`)
  return telling
}

function entryOf(event: AgentEvent): FeedEntry {
  return { seq: event.seq, type: event.type, json: JSON.stringify(event) }
}

const told = (telling: Telling, happenings: readonly Happening[]): string =>
  numbered(happenings)
    .map((event) => telling.entry(entryOf(event), `e.${event.seq}`))
    .join('')

const NOBODY = '0000000000000000'

test('what began as a step and ended as a tool is a whole tool call after the step', async () => {
  const body = told(tell('ag-ui'), [
    runStart(),
    nodeStart('0000000000000001', 'step'),
    toolEnd('0000000000000001', { args: { city: 'Rome' }, result: 21 }),
    runEnd(),
  ])

  const { events, messages, complaints } = await readAgUi('http://run', given(body))

  const types = events.map(({ type }) => String(type))
  expect(types.filter((type) => /^(STEP|TOOL_CALL)/.test(type))).toEqual([
    'STEP_STARTED',
    'STEP_FINISHED',
    'TOOL_CALL_START',
    'TOOL_CALL_ARGS',
    'TOOL_CALL_END',
    'TOOL_CALL_RESULT',
  ])
  expect(JSON.stringify(messages)).toContain('Rome')
  expect(complaints).toEqual([])
})

describe('what came without spans', () => {
  test('is told apart by its nodes, and hangs where they hang', async () => {
    const of = (nodeId: string): object => ({ spanId: NOBODY, nodeId, parentSpanId: undefined })
    const body = told(tell('ag-ui'), [
      runStart(),
      { ...nodeStart(NOBODY, 'agent'), ...of('chief') },
      { ...nodeStart(NOBODY, 'agent'), ...of('clerk'), parentNodeId: 'chief' },
      { ...toolStart(NOBODY, '', { q: 1 }), ...of('clerk') },
      { ...chunk(NOBODY, 'Done.'), ...of('clerk') },
      { ...toolEnd(NOBODY, { result: 1 }), ...of('clerk') },
      { ...nodeEnd(NOBODY), ...of('clerk') },
      { ...nodeEnd(NOBODY), ...of('chief') },
      runEnd(),
    ])

    const { events, messages } = await readAgUi('http://run', given(body))

    expect(events).toContainEqual(
      expect.objectContaining({ type: 'SUBAGENT_STARTED', subagentRunId: 'clerk' }),
    )
    expect(messages).toMatchObject([
      { toolCalls: [{ id: 'clerk/search' }], subagentRunId: 'clerk' },
      { role: 'tool', toolCallId: 'clerk/search', content: '1' },
      { content: 'Done.', subagentRunId: 'clerk' },
    ])
  })

  test('is somebody else when it comes again', async () => {
    const call = [
      { ...toolStart(NOBODY, '', { q: 1 }), nodeId: 'clerk' },
      { ...toolEnd(NOBODY, { result: 1 }), nodeId: 'clerk' },
    ]
    const body = told(tell('ag-ui'), [runStart(), ...call, ...call, runEnd()])

    const { messages } = await readAgUi('http://run', given(body))

    expect(messages.filter(({ role }) => role === 'tool')).toMatchObject([
      { toolCallId: 'clerk/search' },
      { toolCallId: 'clerk/search-4' },
    ])
    expect(JSON.stringify(messages)).not.toContain('{\\"q\\":1}{\\"q\\":1}')
  })
})

describe('a stream', () => {
  test('says when things happened, in whole milliseconds', async () => {
    const { events } = await readAgUi(
      'http://run',
      given(told(tell('ag-ui'), [runStart(), runEnd()])),
    )

    expect(events.map(({ timestamp }) => timestamp)).toEqual([
      1_700_000_000_000, 1_700_000_000_000, 1_700_000_000_001,
    ])
  })

  test('that resumes goes on in the step of the message that is there', async () => {
    const happenings = [runStart(), chunk('s1', 'one '), chunk('s1', 'two'), runEnd()]
    const known = happenings.slice(0, 2)
    const telling = tell('ai-sdk')
    for (const event of numbered(known)) telling.skip(entryOf(event))
    const again = [telling.resume()]
    for (const event of numbered(happenings).slice(2)) {
      again.push(telling.entry(entryOf(event), `e.${event.seq}`))
    }

    const left = await readAiSdk('http://run', given(told(tell('ai-sdk'), known)))
    const back = await readAiSdk('http://run', given(again.join('')), left.message)

    expect(back.message?.parts.filter(({ type }) => type === 'step-start')).toHaveLength(1)
  })

  test('of a run that is let go leaves nothing that waits', async () => {
    const telling = tell('ai-sdk')
    const body = told(telling, [runStart(), toolStart('s1', 'root-span', {}), chunk('s2', 'And')])
    const end = telling.end({ type: 'stream.end', reason: 'disposed', lastSeq: 3 })

    const { message, told: errors } = await readAiSdk('http://run', given(body + end))

    expect(errors).toEqual(['The run was let go.'])
    expect(message?.parts).toMatchObject([
      { type: 'step-start' },
      { type: 'dynamic-tool', state: 'output-error' },
      { type: 'text', state: 'done' },
    ])
  })

  test('holds at most 1,024 open spans: the oldest is told as abandoned', async () => {
    const many = Array.from({ length: 1025 }, (_, at) => nodeStart(`s${at}`, 'step'))
    const body = told(tell('ai-sdk'), [runStart(), ...many])

    const { message } = await readAiSdk('http://run', given(body))

    const parts = message?.parts ?? []
    expect(parts.find((part) => 'id' in part && part.id === 's0')).toMatchObject({
      data: { status: 'abandoned' },
    })
    expect(parts.find((part) => 'id' in part && part.id === 's1')).toMatchObject({
      data: { status: 'running' },
    })
  })
})
