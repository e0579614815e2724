import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { AgentEvent } from '@spancast/sdk'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { serving } from '../bridge/src/cli/testing/spancast.ts'
import { follow } from '../examples/research-agent/src/follow.ts'
import { runHost } from './otlp-export/host.ts'

const SCRIPT = fileURLToPath(new URL('../scripts/collector.mjs', import.meta.url))
const BUILD_MS = 30 * 60_000
const TEST_MS = 60_000
// Less than a test has, so that what is missing is told.
const WATCH_MS = 30_000

let binary: string | undefined

beforeAll(async () => {
  binary = await findCollector()
}, BUILD_MS)

test('an agent that exports to an OpenTelemetry Collector in front of the bridge gives the events that it gives to its own process', {
  timeout: TEST_MS,
}, async ({ skip }) => {
  if (binary === undefined) return skip('no Collector')
  const upstream = await startUpstream()
  const bridge = await serving(['--upstream', upstream.url], { SPANCAST_RUN_GRACE_MS: '200' })
  const collectorUrl = await startCollector(binary, bridge.url)

  const host = await runHost(AGENT, { SPANCAST_OTLP_URL: collectorUrl })
  const embedded: AgentEvent[] = JSON.parse(host.stdout)
  const stream = new URL(`${bridge.url}/api/agents/run-collected/stream`)
  const events: AgentEvent[] = []
  for await (const event of follow(stream, AbortSignal.timeout(WATCH_MS))) events.push(event)
  // It sends what waits before it ends.
  await bridge.stop()

  expect([host.code, host.stderr]).toEqual([0, ''])
  expect(embedded.at(-1)).toMatchObject({ type: 'run.end', status: 'ok' })
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1))
  expect([events[0]?.type, events.at(-1)?.type]).toEqual(['run.start', 'run.end'])
  expect(new Map(events.map((event) => [identityOf(event), event]))).toEqual(asCollected(embedded))
  expect(upstream.requests).toMatchObject([
    { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' },
  ])
})

/** What is to be made of a run's events when its spans arrive whole, after their ends. */
function asCollected(events: readonly AgentEvent[]): Map<string, unknown> {
  return new Map(
    events.map((event) => [
      identityOf(event),
      {
        ...event,
        seq: expect.any(Number),
        // A custom event is stamped twice: for the run, and by its span's own clock.
        timestamp: expect.closeTo(event.timestamp, event.type === 'agent.event' ? -3 : 2),
        ...('duration' in event && { duration: expect.closeTo(event.duration, 2) }),
        // Known to a start only when the end is.
        ...(event.type === 'agent.llm.start' && { provider: 'acme' }),
      },
    ]),
  )
}

// Not the order: that of what happened within one millisecond is free.
function identityOf({ type, spanId }: AgentEvent): string {
  return `${type} ${spanId}`
}

const AGENT = `
  import { emit, observe, observeRun, recordUsage } from '@spancast/sdk'
  import { start } from '@spancast/sdk/setup'
  import { trace } from '@opentelemetry/api'
  const { registry } = start({ serviceName: 'research', capture: { spans: true } })
  const search = observe(async (q) => ({ found: q }), { name: 'search', kind: 'tool' })
  const broken = observe(() => { throw new RangeError('no such page') }, { name: 'broken', kind: 'tool' })
  const model = observe(async () => {
    recordUsage({ inputTokens: 3, outputTokens: 2 }, { provider: 'acme' })
    return 'text'
  }, { name: 'gpt', kind: 'llm' })
  const agent = observe(async (question) => {
    await search(question)
    try { broken() } catch {}
    await trace.getTracer('http').startActiveSpan('POST /v1/chat', async (span) => {
      await model(question)
      span.end()
    })
    emit('halfway', { done: 1 })
    return 'because'
  }, { name: 'Researcher' })
  await observeRun({ name: 'Team', randomId: 'run-collected', input: 'why?' }, () => agent('why?'))
  console.log(JSON.stringify(registry.get('run-collected').getEvents()))
`

/** An OpenTelemetry Collector to test with, built if need be; `undefined` where there is none, which is said loudly. */
async function findCollector(): Promise<string | undefined> {
  // What it says on stderr is for whoever waits for these tests.
  const child = spawn(process.execPath, [SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [[code], path] = await Promise.all([once(child, 'close'), text(child.stdout)])
  if (code === 0) return path.trim()
  process.stderr.write(
    `\n!!! No Collector (scripts/collector.mjs ended with ${code}): the test with a real Collector is LEFT OUT.\n\n`,
  )
  return undefined
}

/** Starts a Collector that passes traces on to a bridge; the base URL of its OTLP/HTTP receiver. */
async function startCollector(program: string, bridgeUrl: string): Promise<string> {
  // JSON is YAML too.
  const config = JSON.stringify({
    receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } },
    exporters: { otlp_http: { endpoint: bridgeUrl } },
    service: {
      telemetry: { metrics: { level: 'none' }, logs: { level: 'info', encoding: 'json' } },
      pipelines: { traces: { receivers: ['otlp'], exporters: ['otlp_http'] } },
    },
  })
  const child = spawn(program, ['--config', `yaml:${config}`], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const said: string[] = []
  for await (const line of createInterface({ input: child.stderr })) {
    said.push(line)
    // What ends it before it logs is said in plain text.
    if (!line.startsWith('{')) continue
    const { msg, endpoint } = JSON.parse(line) as { msg?: string; endpoint?: string }
    if (msg === 'Starting HTTP server') {
      child.stderr.resume()
      return `http://${endpoint}`
    }
  }
  throw new Error(`Expected the Collector to listen. It said:\n${said.join('\n')}`)
}

interface Upstream {
  readonly url: string
  /** The headers of what has come. */
  readonly requests: IncomingHttpHeaders[]
}

/** A receiver that takes everything. */
async function startUpstream(): Promise<Upstream> {
  const requests: IncomingHttpHeaders[] = []
  const server = createServer((req, res) => {
    requests.push(req.headers)
    req.resume().once('end', () => res.writeHead(200).end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests }
}
