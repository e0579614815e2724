import type { AgentEvent } from '@spancast/sdk'
import { expect, test } from 'vitest'
import { paintFor } from './paint.ts'
import { RunPrinter } from './run-printer.ts'

const USAGE = { inputTokens: 12, outputTokens: 3, totalTokens: 15 }
const TOTALS = { tokenUsage: USAGE, cost: 0.0012, unpricedCalls: 0, unmeteredCalls: 0 }

let seq = 0
function at(ms: number, spanId: string, parentSpanId?: string) {
  seq += 1
  const ids = { seq, randomId: 'run-12345678', nodeId: spanId, traceId: 't', spanId }
  return { ...ids, timestamp: 1_000_000 + ms, ...(parentSpanId !== undefined && { parentSpanId }) }
}

function print(events: readonly AgentEvent[]): string {
  const printer = new RunPrinter({ paint: paintFor({}, {}), columns: 90 })
  return events.map((event) => printer.print(event)).join('') + printer.end()
}

test('a run reads as a tree with times, durations, failures and the streamed text', () => {
  const printed = print([
    { type: 'run.start', ...at(0, 'r'), name: 'research', input: { question: 'Why?' } },
    { type: 'agent.start', ...at(0, 'r'), nodeName: 'research', nodeKind: 'workflow' },
    {
      type: 'agent.start',
      ...at(10, 'a', 'r'),
      nodeName: 'planner',
      nodeKind: 'agent',
      input: ['Why?'],
    },
    {
      type: 'agent.event',
      ...at(12, 'a', 'r'),
      name: 'decision_made',
      content: { decision: 'go on', n: 1 },
    },
    { type: 'agent.tool.start', ...at(20, 't', 'a'), toolName: 'search', args: [{ query: 'q' }] },
    {
      type: 'agent.tool.end',
      ...at(25, 't', 'a'),
      toolName: 'search',
      duration: 4.96,
      result: [1, 2],
    },
    { type: 'agent.tool.start', ...at(30, 'u', 'a'), toolName: 'read', args: [{ path: 'p' }] },
    {
      type: 'agent.tool.end',
      ...at(60, 'u', 'a'),
      toolName: 'read',
      duration: 30,
      error: { type: 'Error', message: 'gone' },
    },
    { type: 'agent.llm.start', ...at(70, 'm', 'a'), model: 'gpt', provider: 'openai' },
    { type: 'agent.chunk', ...at(80, 'm', 'a'), index: 0, delta: 'Hello ', kind: 'text' },
    { type: 'agent.chunk', ...at(80, 'a', 'r'), index: 0, delta: 'Hello ', kind: 'text' },
    { type: 'agent.chunk', ...at(90, 'a', 'r'), index: 1, delta: 'there.', kind: 'text' },
    {
      type: 'agent.llm.end',
      ...at(100, 'm', 'a'),
      model: 'gpt',
      duration: 30,
      tokenUsage: USAGE,
      cost: 0.0012,
    },
    { type: 'agent.end', ...at(1600, 'a', 'r'), nodeName: 'planner', duration: 1590, ...TOTALS },
    { type: 'agent.end', ...at(1600, 'r'), nodeName: 'research', duration: 1600, ...TOTALS },
    { type: 'run.end', ...at(1600, 'r'), status: 'ok', duration: 1600, ...TOTALS },
  ])

  expect(printed).toMatchInlineSnapshot(`
    " 0.00 s  ▶ research  question: "Why?"
     0.01 s    ▶ planner  Why?
     0.01 s      · planner › decision_made  go on
     0.02 s      ▷ planner › search  query: "q"
     0.03 s      ✔ planner › search  5.0 ms → 2 results
     0.03 s      ▷ planner › read  path: "p"
     0.06 s      ✖ planner › read  30 ms, Error: gone
     0.07 s      ▷ planner › gpt  openai
                 │ Hello there.
     0.10 s      ✔ planner › gpt  30 ms, 15 tokens, $0.0012
     1.60 s    ✔ planner  1.59 s
     1.60 s  ✔ research  1.60 s, 15 tokens, $0.0012
    "
  `)
})

test('a run that fails or is cancelled says so', () => {
  const start: AgentEvent = { type: 'run.start', ...at(0, 'r'), name: 'research' }
  const error = { type: 'TypeError', message: 'no question' }

  expect(
    print([
      start,
      { type: 'run.end', ...at(5, 'r'), status: 'error', duration: 5, error, ...TOTALS },
    ]),
  ).toContain('✖ research  5.0 ms, TypeError: no question')
  expect(
    print([start, { type: 'run.end', ...at(5, 'r'), status: 'cancelled', duration: 5, ...TOTALS }]),
  ).toContain('✖ research  5.0 ms, cancelled')
})

test('what agents say cannot control the terminal or forge a line', () => {
  const printed = print([
    {
      type: 'agent.start',
      ...at(0, 'a'),
      nodeName: 'a\u001b[2J\nb',
      nodeKind: 'agent',
      input: '\u009b31m',
    },
    {
      type: 'agent.chunk',
      ...at(1, 'a'),
      index: 0,
      delta: '\u001b]0;x\u0007text\r over',
      kind: 'text',
    },
  ])

  expect(printed).not.toMatch(/(?!\n)\p{Cc}/u)
  expect(printed.split('\n')[0]).toContain('▶ a b')
})

test.each([
  ['a terminal', { isTTY: true }, {}, true],
  ['a pipe', {}, {}, false],
  ['NO_COLOR', { isTTY: true }, { NO_COLOR: '1' }, false],
  ['a dumb terminal', { isTTY: true }, { TERM: 'dumb' }, false],
])('colours fit %s', (_, out, env, coloured) => {
  expect(paintFor(out, env)('red', 'x') !== 'x').toBe(coloured)
})
