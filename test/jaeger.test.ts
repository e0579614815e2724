import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AgentEvent } from '@spancast/sdk'
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { serving } from '../bridge/src/cli/testing/spancast.ts'
import { follow } from '../examples/research-agent/src/follow.ts'
import { ended, startProgram } from '../examples/research-agent/src/testing/program.ts'
import { tempFolder } from '../examples/research-agent/src/testing/temp-folder.ts'
import { findJaeger } from './jaeger/find-jaeger.ts'
import { freePorts, type Jaeger, startJaeger } from './jaeger/jaeger.ts'

const BUILD_MS = 30 * 60_000
const ARRIVAL = { timeout: 20_000, interval: 50 }
const TEST_MS = 60_000
// Less than a test has, so that what is missing is told.
const WATCH_MS = 30_000

let binary: string | undefined
let jaeger: Jaeger | undefined

beforeAll(async () => {
  binary = await findJaeger()
}, BUILD_MS)
afterEach(async () => {
  await jaeger?.stop()
  jaeger = undefined
})

describe('with a real Jaeger behind the bridge', () => {
  test('a run of the research example is watched live, and its trace is in Jaeger: every span once, in its place', {
    timeout: TEST_MS,
  }, async ({ skip }) => {
    if (binary === undefined) return skip('no Jaeger')
    jaeger = await startJaeger(binary, await freePorts())
    const bridge = await serving(['--upstream', jaeger.otlpUrl])
    const signal = AbortSignal.timeout(WATCH_MS)
    const listed = firstRun(bridge.url, signal)

    const example = startProgram(
      ['--once', '--port', '0', '--folder', await tempFolder(FILES), QUESTION],
      { SPANCAST_BRIDGE_URL: bridge.url },
    )
    const outcome = ended(example)
    const randomId = await listed
    const events: AgentEvent[] = []
    let runningAtStart = false
    for await (const event of follow(streamOf(bridge.url, randomId), signal)) {
      if (events.length === 0) runningAtStart = example.exitCode === null
      events.push(event)
    }
    const { code, stderr } = await outcome

    expect([code, stderr]).toEqual([0, ''])
    expect(runningAtStart).toBe(true)
    expect(events[0]).toMatchObject({ type: 'run.start', name: 'research', seq: 1 })
    expect(events.at(-1)).toMatchObject({ type: 'run.end', status: 'ok' })
    expect(events.filter(({ type }) => type === 'agent.chunk').length).toBeGreaterThan(0)

    const traceId = events[0]?.traceId ?? ''
    const places = placesIn(events)
    // It sends what waits before it ends: nothing comes after this.
    await bridge.stop()
    await expect.poll(() => jaeger?.spansOf(traceId), ARRIVAL).toHaveLength(places.size)
    const spans = await jaeger.spansOf(traceId)
    const stored = new Map(spans.map((span) => [span.spanId, span.parentSpanId || undefined]))
    expect(spans).toHaveLength(stored.size)
    expect(stored).toEqual(places)
    expect([...stored.values()].filter((parent) => parent === undefined)).toHaveLength(1)
    expect(spans.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['invoke_agent planner', 'invoke_agent writer']),
    )
  })

  test('killed between accepting and forwarding, with a spool, the bridge loses nothing that it acknowledged', {
    timeout: TEST_MS,
  }, async ({ skip }) => {
    if (binary === undefined) return skip('no Jaeger')
    const ports = await freePorts()
    const spool = await mkdtemp(join(tmpdir(), 'spancast-spool-'))
    onTestFinished(() => rm(spool, { recursive: true, force: true }))
    const flags = ['--upstream', `http://127.0.0.1:${ports.otlp}`, '--spool', spool]
    const before = await serving(flags)
    const traceIds = Array.from({ length: 50 }, () => randomBytes(16).toString('hex'))

    const answers = await Promise.all(traceIds.map((id) => exportSpan(before.url, id)))
    await before.stop('SIGKILL')
    jaeger = await startJaeger(binary, ports)
    await serving(flags)

    expect(new Set(answers)).toEqual(new Set([200]))
    for (const traceId of traceIds) {
      await expect.poll(() => jaeger?.spansOf(traceId), ARRIVAL).toHaveLength(1)
    }
  })
})

const QUESTION = 'What is the limit of the parser, and what does zipper compress?'
const FILES = {
  'parser/README.md': '# parser\n\n## limit\n\nThe limit is the maximum size of a request body.',
  'zipper/README.md':
    '# zipper\n\nThe zipper compresses every response that is larger than a kilobyte.',
}

/** The id of the run that a bridge lists first. */
async function firstRun(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(`${url}/api/agents/stream`, { signal })
  let text = ''
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part
    const [, randomId] = /"randomId":"([\w-]+)"/.exec(text) ?? []
    if (randomId !== undefined) return randomId
  }
  throw new Error('Expected a run on the list stream, but it ended.')
}

function streamOf(url: string, randomId: string): URL {
  return new URL(`${url}/api/agents/${randomId}/stream`)
}

/** Each span of a run with its parent, as the events tell them. */
function placesIn(events: readonly AgentEvent[]): Map<string, string | undefined> {
  const started = events.filter(({ type }) => type.endsWith('.start'))
  return new Map(started.map(({ spanId, parentSpanId }) => [spanId, parentSpanId]))
}

/** Exports a trace of one span; the status of the answer. */
async function exportSpan(url: string, traceId: string): Promise<number> {
  const now = String(BigInt(Date.now()) * 1_000_000n)
  const spanId = randomBytes(8).toString('hex')
  const span = { traceId, spanId, name: 'work', startTimeUnixNano: now, endTimeUnixNano: now }
  const response = await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }),
  })
  return response.status
}
