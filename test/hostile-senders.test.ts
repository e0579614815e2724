import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import type { AgentEvent } from '@spancast/sdk'
import { expect, onTestFinished, test } from 'vitest'
import { type Served, serving } from '../bridge/src/cli/testing/spancast.ts'
import { rawRequest } from '../bridge/src/testing/raw-request.ts'
import { follow } from '../examples/research-agent/src/follow.ts'

const CONNECTIONS = 2000
const TRICKLERS = 100
const TRICKLE_MS = 20
const ROUNDS = 20
const WATCH_MS = 30_000
const TEST_MS = 60_000
const MIB = 1024 * 1024

test('2000 connections that ask nothing, or half of something, hold up no sender and no reader, and cost little', {
  timeout: TEST_MS,
}, async () => {
  const bridge = await serving()
  const run = await watchedRun(bridge)
  await run.roundTrips(ROUNDS)
  const before = memoryOf(bridge)

  const count = connectionsToOpen()
  const sockets = await openSockets(bridge, count, (n) => IDLE[n % IDLE.length] ?? '')
  await run.roundTrips(ROUNDS)
  const grown = memoryOf(bridge) - before

  expect(sockets.filter(({ destroyed }) => destroyed)).toEqual([])
  expect(grown / count).toBeLessThan(64 * 1024)
  expect((await bridge.stop()).code).toBe(0)
})

test('senders that announce 64 MiB, send one and then trickle hold up no sender and no reader, and cost what they have sent', {
  timeout: TEST_MS,
}, async () => {
  const bridge = await serving()
  const run = await watchedRun(bridge)
  await run.roundTrips(ROUNDS)
  const before = memoryOf(bridge)
  const grown = (): number => (memoryOf(bridge) - before) / (TRICKLERS * MIB)

  const sockets = await openSockets(bridge, TRICKLERS, (n) => bodyOf(n, MIB).start)
  sockets.forEach(trickle)
  await expect.poll(grown, { timeout: WATCH_MS }).toBeGreaterThan(0.9)
  await run.roundTrips(ROUNDS)

  expect(sockets.filter(({ destroyed, bytesRead }) => destroyed || bytesRead > 0)).toEqual([])
  expect(grown()).toBeLessThan(3)
})

test('a body that has not come in time is answered with 408, while others are served', {
  timeout: TEST_MS,
}, async () => {
  const bridge = await serving(['--body-timeout-ms', '500'])
  const run = await watchedRun(bridge)

  const sockets = await openSockets(bridge, 2, (n) => bodyOf(n).start)
  const answers = sockets.map(async (socket) => String((await once(socket, 'data'))[0]))
  sockets.forEach(trickle)
  const [[sized, chunked]] = await Promise.all([Promise.all(answers), run.roundTrips(ROUNDS)])

  expect(sized).toMatch(/^HTTP\/1\.1 408 /)
  expect(chunked).toMatch(/^HTTP\/1\.1 408 /)
})

/** What the sockets of idle connections say, and then nothing more. */
const IDLE = [
  '',
  'POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Ty',
  'GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n',
]

const HEAD = 'POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n'
/** The first bytes of a body that says how long it is, or of one that does not, and a piece of what follows. */
function bodyOf(n: number, bytes = 1): { readonly start: string; readonly piece: string } {
  const first = ' '.repeat(bytes)
  if (n % 2 === 0) {
    return { start: `${HEAD}Content-Length: ${64 * MIB}\r\n\r\n${first}`, piece: ' ' }
  }
  const size = bytes.toString(16)
  return {
    start: `${HEAD}Transfer-Encoding: chunked\r\n\r\n${size}\r\n${first}\r\n`,
    piece: '1\r\n \r\n',
  }
}

/** Goes on with a body, a byte at a time, until the test is over. */
function trickle(socket: Socket, n: number): void {
  const timer = setInterval(() => socket.write(bodyOf(n).piece), TRICKLE_MS)
  socket.once('close', () => clearInterval(timer))
}

/** Connections that have said their first words. */
async function openSockets(
  { url }: Served,
  count: number,
  words: (n: number) => string,
): Promise<Socket[]> {
  const { hostname, port } = new URL(url)
  const sockets = Array.from({ length: count }, () => connect(Number(port), hostname))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  await Promise.all(
    sockets.map(async (socket, n) => {
      await once(socket, 'connect')
      socket.on('error', () => {})
      socket.write(words(n))
    }),
  )
  return sockets
}

/** As many as this test is about, or as many as the system lets a process have. */
function connectionsToOpen(): number {
  const said = execFileSync('sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim()
  const limit = said === 'unlimited' ? Number.POSITIVE_INFINITY : Number(said)
  // What a process has open beside its connections.
  const count = Math.min(CONNECTIONS, limit - 200)
  if (count < CONNECTIONS) {
    process.stderr.write(
      `\n!!! A process may have ${limit} files open here: the test of ${CONNECTIONS} idle connections has ONLY ${count}.\n\n`,
    )
  }
  return count
}

interface WatchedRun {
  /** Sends spans one after the other, each when the reader has seen the one before. */
  roundTrips(count: number): Promise<void>
}

/** A run that is open, with a reader on its stream. */
async function watchedRun({ url }: Served): Promise<WatchedRun> {
  const traceId = randomBytes(16).toString('hex')
  await exportTool(url, traceId)
  const stream = new URL(`${url}/api/agents/${traceId}/stream`)
  const events = follow(stream, AbortSignal.timeout(WATCH_MS))
  onTestFinished(async () => {
    await events.return()
  })
  return {
    roundTrips: async (count) => {
      for (let n = 0; n < count; n++) await seen(events, await exportTool(url, traceId))
    },
  }
}

/** Exports a span whose parent is still open, as a sender of its own; its id. */
async function exportTool(url: string, traceId: string): Promise<string> {
  const now = String(BigInt(Date.now()) * 1_000_000n)
  const spanId = randomBytes(8).toString('hex')
  const span = {
    traceId,
    spanId,
    parentSpanId: traceId.slice(16),
    name: 'execute_tool search',
    startTimeUnixNano: now,
    endTimeUnixNano: now,
    attributes: [
      { key: 'gen_ai.operation.name', value: { stringValue: 'execute_tool' } },
      { key: 'gen_ai.tool.name', value: { stringValue: 'search' } },
    ],
  }
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] })
  // A connection of its own: it is taken after all that were there before.
  const answer = await rawRequest(
    Number(new URL(url).port),
    [...HEAD.trimEnd().split('\r\n'), 'Connection: close', `Content-Length: ${body.length}`],
    { body },
  )
  expect([answer.status, answer.body]).toEqual([200, '{}'])
  return spanId
}

async function seen(events: AsyncGenerator<AgentEvent, void>, spanId: string): Promise<void> {
  for (;;) {
    const { value, done } = await events.next()
    if (done) throw new Error(`Expected an end of ${spanId}, but the stream ended.`)
    if (value.type === 'agent.tool.end' && value.spanId === spanId) return
  }
}

/** Bytes that the bridge's process has in memory. */
function memoryOf({ process }: Served): number {
  const status = `/proc/${process.pid}/status`
  // Slim images have no `ps`, and other systems have no /proc.
  const kib = existsSync(status)
    ? /^VmRSS:\s+(\d+)/m.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(process.pid)], { encoding: 'utf8' })
  return Number(kib) * 1024
}

test('bodies that stall with all the room make way for a sender that comes back as it is told', async () => {
  const bridge = await serving()
  const { hostname, port } = new URL(bridge.url)
  for (let i = 0; i < 4; i++) {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    onTestFinished(() => void socket.destroy())
    await once(socket, 'connect')
    const head = `POST /v1/traces HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${64 * MIB}\r\n\r\n`
    socket.write(head)
    for (let n = 0; n < 63; n++) {
      await new Promise((done) => socket.write(Buffer.alloc(MIB, ' '), done))
    }
  }

  const statuses: number[] = []
  do {
    const answer = await fetch(`${bridge.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `${' '.repeat(5 * MIB)}{"resourceSpans":[]}`,
    })
    statuses.push(answer.status)
    await wait(Number(answer.headers.get('retry-after') ?? 0) * 1000)
  } while (statuses.at(-1) === 503 && statuses.length < 5)

  expect(statuses.at(-1)).toBe(200)
})
