import { describe, expect, test } from 'vitest'
import { requestFormat } from './formats.ts'
import { EXAMPLE_RUN } from './testing/example-run.ts'
import { type AgUiRead, given, readAgUi } from './testing/readers.ts'
import {
  type Happening,
  nodeEnd,
  nodeStart,
  numbered,
  RUN,
  runEnd,
  runStart,
  toolStart,
} from './testing/scripted-run.ts'

function read(happenings: readonly Happening[]): Promise<AgUiRead> {
  const telling = requestFormat('ag-ui')?.tell(RUN)
  const frames = numbered(happenings).map((event) => {
    const { seq, type } = event
    return telling?.entry({ seq, type, json: JSON.stringify(event) }, `e.${seq}`)
  })
  return readAgUi('http://run', given(frames.join('')))
}

describe('a run in AG-UI', () => {
  test('is a conversation: who said what, thought what, and called which tool with what result', async () => {
    const { messages, complaints } = await read(EXAMPLE_RUN)

    expect(complaints).toEqual([])
    expect(messages).toMatchObject([
      {
        role: 'assistant',
        subagentRunId: 'researcher',
        toolCalls: [{ id: 'search', function: { name: 'search', arguments: '{"query":"2 + 2"}' } }],
      },
      { role: 'tool', toolCallId: 'search', content: '[4]' },
      { role: 'assistant', toolCalls: [{ id: 'broken', function: { arguments: '{"path":"/"}' } }] },
      { role: 'tool', toolCallId: 'broken', content: 'EIO: no disk', metadata: { error: 'EIO' } },
      { role: 'assistant', subagentRunId: 'researcher', content: 'It is four.' },
      { role: 'reasoning', content: 'They add up.' },
      { role: 'assistant', content: 'Two and two is four.' },
    ])
    expect(messages.at(-1)).not.toHaveProperty('subagentRunId')
  })

  test('has the agents that agents call as subagents, and those that the run calls as steps', async () => {
    const { events } = await read(EXAMPLE_RUN)

    const structure = events.filter(({ type }) => /^(STEP|SUBAGENT|RUN)_/.test(type))
    expect(structure).toMatchObject([
      { type: 'RUN_STARTED', runId: RUN, threadId: RUN, protocolVersion: '1.0' },
      { type: 'STEP_STARTED', stepName: 'the agent' },
      { type: 'SUBAGENT_STARTED', subagentRunId: 'researcher', name: 'the agent' },
      { type: 'SUBAGENT_FINISHED', subagentRunId: 'researcher', result: 'It is four.' },
      { type: 'STEP_FINISHED', stepName: 'the agent' },
      {
        type: 'RUN_FINISHED',
        result: { answer: 4 },
        outcome: { type: 'success' },
        usage: [{ inputTokens: 1, outputTokens: 3, totalTokens: 4 }],
      },
    ])
  })

  test('tells the rest as CUSTOM: events of the application by their own name, ours with a prefix', async () => {
    const { events } = await read([...EXAMPLE_RUN.slice(0, -1), { type: 'agent.new' }, runEnd()])

    const customs = events.filter(({ type }) => String(type) === 'CUSTOM')
    expect(customs).toMatchObject([
      { name: 'spancast.run.start', value: { name: 'research', input: 'What is two and two?' } },
      { name: 'progress', value: { percent: 50 }, subagentRunId: 'researcher' },
      { name: 'spancast.agent.llm.start', value: { model: 'm' } },
      { name: 'spancast.agent.llm.end', value: { cost: 0.01, tokenUsage: { totalTokens: 5 } } },
      { name: 'spancast.agent.llm.start' },
      { name: 'spancast.agent.chunk', value: { kind: 'data', delta: { step: 1 } } },
      { name: 'spancast.agent.llm.end' },
      { name: 'spancast.agent.new' },
    ])
  })

  test('keeps steps of one name apart that run side by side', async () => {
    const { events } = await read([
      runStart(),
      nodeStart('a', 'step'),
      nodeStart('b', 'step'),
      nodeEnd('a'),
      nodeEnd('b'),
      runEnd(),
    ])

    const steps = events.filter(({ type }) => /^STEP_/.test(type)).map(({ stepName }) => stepName)
    expect(steps).toEqual(['the step', 'the step (b)', 'the step', 'the step (b)'])
  })

  test.each([
    [
      'error',
      { error: { type: 'RangeError', message: 'too far' } },
      { message: 'too far', code: 'RangeError' },
    ],
    ['abandoned', {}, { code: 'abandoned' }],
  ])('ends with RUN_ERROR when the run ended as %s', async (status, more, expected) => {
    const { events } = await read([runStart(), runEnd({ status, ...more })])

    expect(events.at(-1)).toMatchObject({ type: 'RUN_ERROR', ...expected })
  })

  test('ends as cancelled when the run was', async () => {
    const { events } = await read([runStart(), runEnd({ status: 'cancelled' })])

    expect(events.at(-1)).toMatchObject({ type: 'RUN_FINISHED', outcome: { type: 'cancelled' } })
  })

  test('leaves no tool call for the reader to execute', async () => {
    const { events } = await read([runStart(), toolStart('search', 'x', {}), runEnd()])

    expect(events.at(-2)).toMatchObject({
      type: 'TOOL_CALL_RESULT',
      toolCallId: 'search',
      content: 'abandoned: It never ended by itself.',
    })
  })
})
