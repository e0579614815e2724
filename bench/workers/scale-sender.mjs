// Sends events of many runs as live links do, to several bridges in turn.
import { Agent, request } from 'node:http'

const { ports } = JSON.parse(process.argv[2])
const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const clock = () => performance.timeOrigin + performance.now()
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
const seqs = new Map()

function recordOf(randomId, event) {
  const seq = (seqs.get(randomId) ?? 0) + 1
  seqs.set(randomId, seq)
  const base = { nodeId: 'bench', timestamp: Date.now(), traceId: traceOf(randomId) }
  const text = JSON.stringify({ ...base, spanId: 'b'.repeat(16), ...event })
  return {
    attributes: [
      { key: 'spancast.run.id', value: { stringValue: randomId } },
      { key: 'spancast.source.id', value: { stringValue: `bench-${randomId}` } },
      { key: 'spancast.source.seq', value: { intValue: String(seq) } },
      { key: 'spancast.version', value: { intValue: '1' } },
      { key: 'spancast.event', value: { stringValue: text } },
    ],
  }
}

function traceOf(randomId) {
  return Buffer.from(randomId).toString('hex').slice(-32).padStart(32, 'a')
}

function post(port, logRecords) {
  const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] })
  return new Promise((resolve, reject) => {
    // Whoever is told to come back does so, as every sender does.
    const again = () => setTimeout(() => post(port, logRecords).then(resolve, reject), 1000)
    const headers = {
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    }
    const options = { port, host: '127.0.0.1', path: '/v1/logs', method: 'POST', headers, agent }
    const sent = request(options, (response) => {
      response.resume()
      response.on('end', () => {
        if (response.statusCode === 200) resolve()
        else if (response.statusCode === 503) again()
        else reject(new Error(`answered ${response.statusCode}`))
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const step = () => ({
  type: 'agent.event',
  name: 'step',
  content: { sentAt: clock(), text: 'x'.repeat(80) },
})

const ACTIONS = {
  /** Lets runs begin. */
  async begin({ runs }) {
    await Promise.all(
      runs.map((id, at) =>
        post(ports[at % ports.length], [recordOf(id, { type: 'run.start', name: 'bench' })]),
      ),
    )
    return {}
  },
  /** Offers so many events a second, some in each request, for a time; each run's in order. */
  async load({ runs, perSecond, perRequest, ms }) {
    const started = clock()
    const everyMs = (1000 * perRequest * runs.length) / perSecond
    let events = 0
    await Promise.all(
      runs.map(async (id, at) => {
        await pause((everyMs * at) / runs.length)
        for (let n = 0, due = clock(); clock() - started < ms; n++) {
          await post(
            ports[(at + n) % ports.length],
            Array.from({ length: perRequest }, () => recordOf(id, step())),
          )
          events += perRequest
          due += everyMs
          await pause(Math.max(0, due - clock()))
        }
      }),
    )
    return { events }
  },
  /** Sends as fast as it is taken, each run's in order, and counts what was taken in a window of time. */
  async flood({ runs, perRequest, warmMs, ms }) {
    const from = clock() + warmMs
    let events = 0
    await Promise.all(
      runs.map(async (id, at) => {
        for (let n = 0; clock() < from + ms; n++) {
          const records = Array.from({ length: perRequest }, () => recordOf(id, step()))
          await post(ports[(at + n) % ports.length], records)
          if (clock() >= from && clock() < from + ms) events += perRequest
        }
      }),
    )
    return { eventsPerSecond: (events * 1000) / ms }
  },
  /** One event at a time, to one bridge. */
  async trickle({ run, port, samples, everyMs }) {
    for (let n = 0; n < samples; n++) {
      await post(port, [recordOf(run, step())])
      await pause(everyMs)
    }
    return {}
  },
  /** Runs that begin and end. */
  async finish({ prefix, count }) {
    for (let at = 0; at < count; at += 100) {
      const ids = Array.from(
        { length: Math.min(100, count - at) },
        (_, i) => `${prefix}-${at + i}-run`,
      )
      await Promise.all(
        ids.map((id, i) =>
          post(ports[i % ports.length], [
            recordOf(id, { type: 'run.start', name: 'bench' }),
            ...Array.from({ length: 5 }, () => recordOf(id, step())),
            recordOf(id, { type: 'run.end', status: 'ok', duration: 1 }),
          ]),
        ),
      )
    }
    return {}
  },
}

process.on('message', async ({ action, ...options }) => {
  process.send(await ACTIONS[action](options))
})
process.on('disconnect', () => process.exit(0))
process.send({ ready: true })
