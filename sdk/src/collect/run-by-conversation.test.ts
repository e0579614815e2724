import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { told, tree } from '../testing/telling.ts'
import {
  AGENT,
  CALL,
  type Collecting,
  other,
  RUN,
  span,
  startCollecting,
  TOOL,
} from './testing/collecting.ts'

const THREAD = 'thread_4711'
const IN_THREAD = { 'gen_ai.conversation.id': THREAD }
const IDLE_MS = 120_000
const [A, B] = ['a'.repeat(32), 'b'.repeat(32)]

let collecting: Collecting

beforeEach(() => {
  vi.useFakeTimers()
  collecting = startCollecting({}, { runBy: 'conversation' })
})

afterEach(() => {
  collecting.registry.dispose()
  vi.useRealTimers()
})

function ids(): string[] {
  return collecting.registry.list().map(({ randomId }) => randomId)
}

test('traces of one conversation are one run, which ends when it has been silent', () => {
  const asked = { ...AGENT, ...IN_THREAD }
  collecting.send(span('Ask', asked), span('search', TOOL, { parent: 'Ask', at: 1, for: 1 }))
  vi.advanceTimersByTime(IDLE_MS / 2)
  collecting.send(other('root', { trace: B }), span('More', asked, { trace: B, parent: 'root' }))
  vi.advanceTimersByTime(IDLE_MS / 2 + 20_000)

  const run = collecting.registry.get(THREAD)
  expect(ids()).toEqual([THREAD])
  expect(run?.ended).toBe(false)
  expect(run?.summary().traceIds).toEqual([A, B])
  vi.advanceTimersByTime(IDLE_MS)

  const events = collecting.events(THREAD)
  expect(tree(events)).toEqual(['Ask', 'Ask', 'search < Ask', 'More'])
  expect(told(events).at(-1)).toBe('run.end abandoned')
})

test('one span that names it is enough for all that come with it', () => {
  collecting.send(
    span('Ask', AGENT),
    span('m', { ...CALL, ...IN_THREAD }, { parent: 'Ask', at: 1, for: 1 }),
  )

  expect(ids()).toEqual([THREAD])
  expect(collecting.events()).toHaveLength(5)
})

test('what came of the trace before is found by the conversation too, if that begins with it', () => {
  collecting.send(span('search', TOOL, { parent: 'Ask', at: 1, for: 1 }))
  collecting.send(span('Ask', { ...AGENT, ...IN_THREAD }))
  vi.advanceTimersByTime(IDLE_MS / 2)
  collecting.send(span('More', { ...AGENT, ...IN_THREAD }, { trace: B }))

  const run = collecting.registry.get(THREAD)
  expect(ids()).toEqual([A])
  expect(run).toBe(collecting.registry.get(A))
  expect(run?.summary()).toMatchObject({ status: 'running', traceIds: [A, B] })
})

test('a trace stays together where its conversation has a run already', () => {
  collecting.send(span('Ask', { ...AGENT, ...IN_THREAD }))
  collecting.send(span('search', TOOL, { trace: B, parent: 'More', at: 1, for: 1 }))
  collecting.send(span('More', { ...AGENT, ...IN_THREAD }, { trace: B }))

  expect(ids()).toEqual([THREAD, B])
  expect(told(collecting.events(B))).toEqual(
    expect.arrayContaining(['agent.tool.end search', 'agent.start More', 'agent.end More']),
  )
})

test('a trace that comes when it had fallen silent begins it anew, whenever it began', () => {
  collecting.send(span('Ask', { ...AGENT, ...IN_THREAD }))
  const { epoch } = collecting.registry.get(THREAD) ?? {}
  vi.advanceTimersByTime(IDLE_MS * 2)
  collecting.send(span('Slow', { ...AGENT, ...IN_THREAD }, { trace: B }))

  expect(collecting.registry.get(THREAD)?.epoch).not.toBe(epoch)
  expect(collecting.registry.get(THREAD)?.summary().status).toBe('running')
  // Its retention is over, and it is gone.
  vi.advanceTimersByTime(IDLE_MS * 10)
  expect(ids()).toEqual([])
  collecting.send(span('Again', { ...AGENT, ...IN_THREAD }, { trace: 'c'.repeat(32) }))
  expect(ids()).toEqual([THREAD])

  collecting.send(span('late', TOOL, { parent: 'Ask' }))
  expect(collecting.collector.counts.late).toBeGreaterThan(0)
})

test('a run that spans name wins, also where their process gathers by conversation itself', () => {
  collecting.send(span('run', { ...RUN, ...IN_THREAD }, { run: 'run-explicit-1' }))
  collecting.send(span('Ask', { ...AGENT, ...IN_THREAD }, { trace: B, run: THREAD }))
  vi.advanceTimersByTime(60_000)

  expect(ids()).toEqual(['run-explicit-1', THREAD])
  expect(told(collecting.events('run-explicit-1')).at(-1)).toBe('run.end ok')
  expect(collecting.registry.get(THREAD)?.ended).toBe(false)
})

test('without the option a conversation gathers nothing', () => {
  collecting = startCollecting()
  collecting.send(
    span('Ask', { ...AGENT, ...IN_THREAD }),
    span('More', { ...AGENT, ...IN_THREAD }, { trace: B }),
  )

  expect(ids()).toEqual([A, B])
})
