import { type AgentEvent, initialState, type RunState, reduce } from '@spancast/sdk/client'
import { expect, test } from 'vitest'
import { ancestorsOf, type Row, type RowFilter, rowsOf } from './rows.ts'

const ALL: RowFilter = { search: '', only: 'all', without: new Set() }
const NOTHING: ReadonlySet<string> = new Set()

/** A run of tools, each below another: `{ search: 'planner' }`. */
function stateOf(
  steps: readonly (readonly [name: string, parent?: string])[],
  failed = '',
): RunState {
  let state = initialState('run-of-rows')
  let seq = 0
  const add = (event: object): void => {
    const base = { seq: ++seq, randomId: 'run-of-rows', nodeId: 'n', timestamp: seq, traceId: 't' }
    // A test's own events are as the contract has them.
    state = reduce(state, { ...base, ...event } as AgentEvent)
  }
  for (const [name, parentSpanId] of steps) {
    const place = { spanId: name, ...(parentSpanId !== undefined && { parentSpanId }) }
    add({ type: 'agent.tool.start', toolName: name, args: {}, ...place })
    if (name !== failed) continue
    add({
      type: 'agent.tool.end',
      toolName: name,
      duration: 1,
      error: { type: 'TimeoutError', message: 'upstream 504' },
      ...place,
    })
  }
  return state
}

const STATE = stateOf(
  [['root'], ['planner', 'root'], ['search', 'planner'], ['writer', 'root']],
  'search',
)

function told(rows: readonly Row[]): string[] {
  return rows.map((row) =>
    row.type === 'gap'
      ? `gap ${row.gap.from}-${row.gap.to}: ${row.gap.count}`
      : `${'  '.repeat(row.level - 1)}${row.span.name}${row.matches ? '' : ' (aside)'}`,
  )
}

test('a tree is told top to bottom, with what each row is among its siblings', () => {
  const rows = rowsOf(STATE, ALL, NOTHING)

  expect(told(rows)).toEqual(['root', '  planner', '    search', '  writer'])
  expect(rows[3]).toMatchObject({ level: 2, position: 2, siblings: 2, expanded: undefined })
})

test('what is below a collapsed row is not told', () => {
  expect(told(rowsOf(STATE, ALL, new Set(['planner'])))).toEqual(['root', '  planner', '  writer'])
})

test('a filter keeps what matches and what leads there, open whatever is collapsed', () => {
  const collapsed = new Set(['planner'])

  expect(told(rowsOf(STATE, { ...ALL, search: 'SEA' }, collapsed))).toEqual([
    'root (aside)',
    '  planner (aside)',
    '    search',
  ])
  expect(told(rowsOf(STATE, { ...ALL, search: '504 upstream' }, collapsed))).toHaveLength(3)
  expect(told(rowsOf(STATE, { ...ALL, only: 'errors' }, collapsed))).toHaveLength(3)
  expect(told(rowsOf(STATE, { ...ALL, search: 'nowhere' }, collapsed))).toEqual([])
  expect(told(rowsOf(STATE, { ...ALL, without: new Set(['tool']) }, collapsed))).toEqual([])
})

test('a gap stands behind what was known before it', () => {
  const gap = { type: 'stream.gap', reason: 'overwritten', from: 3, to: 4 } as const
  const state = reduce({ ...STATE, log: initialState('run-of-rows').log }, gap)

  expect(told(rowsOf(state, ALL, NOTHING))).toEqual([
    'root',
    '  planner',
    'gap 3-4: 2',
    '    search',
    '  writer',
  ])
})

test('a tree as deep as it is long is told too', () => {
  const steps = Array.from({ length: 5000 }, (_, at) =>
    at === 0 ? (['step-0'] as const) : ([`step-${at}`, `step-${at - 1}`] as const),
  )
  const state = stateOf(steps)

  expect(rowsOf(state, ALL, NOTHING)).toHaveLength(5000)
  expect(ancestorsOf(state, 'step-4999')).toHaveLength(4999)
})
