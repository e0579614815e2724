import { pause, pick, type Random } from './random.ts'

export interface SenderOptions {
  readonly randomId: string
  /** How many events of its own the run has, beside its start and its end. */
  readonly events: number
  readonly urls: readonly string[]
  readonly random: Random
  /** How long it is silent between two requests, at most. */
  readonly pauseMs: number
  /** Called with each event that a bridge has acknowledged. */
  sent(): void
}

const TRACE_DIGITS = 32
const SPAN_DIGITS = 16

/** Sends the events of one run as a live link does: in order, each until some bridge has acknowledged it. */
export async function sendRun(options: SenderOptions): Promise<void> {
  const { randomId, events, random, urls, pauseMs } = options
  const traceId = digits(TRACE_DIGITS, random)
  const spanId = digits(SPAN_DIGITS, random)
  const base = { nodeId: spanId, traceId, spanId }
  const all: Record<string, unknown>[] = [{ ...base, type: 'run.start', name: 'chaos' }]
  for (let n = 1; n <= events; n++) {
    all.push({ ...base, type: 'agent.event', name: 'step', content: n })
  }
  all.push({ ...base, type: 'run.end', status: 'ok', duration: 1 })
  let at = 0
  while (at < all.length) {
    const count = 1 + Math.floor(random() * 4)
    // Now and then what was acknowledged is sent once more, as a load balancer or a careful sender may.
    const from = random() < 0.2 ? Math.max(0, at - 2) : at
    const records = all.slice(from, at + count).map((event, index) => ({
      attributes: attributesOf(randomId, from + index + 1, { ...event, timestamp: Date.now() }),
    }))
    const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] })
    while (!(await accepted(pick(urls, random), body))) await pause(20 + random() * 100)
    for (let n = Math.min(count, all.length - at); n > 0; n--) options.sent()
    at += count
    await pause(random() * pauseMs)
  }
}

async function accepted(url: string, body: string): Promise<boolean> {
  try {
    const headers = { 'Content-Type': 'application/json' }
    const signal = AbortSignal.timeout(10_000)
    const response = await fetch(`${url}/v1/logs`, { method: 'POST', headers, body, signal })
    await response.arrayBuffer()
    return response.status === 200
  } catch {
    return false
  }
}

function attributesOf(
  randomId: string,
  seq: number,
  event: Record<string, unknown>,
): { key: string; value: Record<string, string> }[] {
  return [
    { key: 'spancast.run.id', value: { stringValue: randomId } },
    { key: 'spancast.source.id', value: { stringValue: `chaos-${randomId}` } },
    { key: 'spancast.source.seq', value: { intValue: String(seq) } },
    { key: 'spancast.version', value: { intValue: '1' } },
    { key: 'spancast.event', value: { stringValue: JSON.stringify(event) } },
  ]
}

function digits(count: number, random: Random): string {
  let text = ''
  while (text.length < count) text += Math.floor(1 + random() * 15).toString(16)
  return text
}
