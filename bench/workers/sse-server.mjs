// One SSE server under test. It publishes to itself, so that only its fan-out is measured, as far ahead of its
// slowest reader as `window` allows. Told what to do by the parent over IPC; readers report over a TCP connection.
import { createServer } from 'node:http'
import net from 'node:net'
import { createBridge } from '@spancast/bridge'
import { ObserverRegistry } from '@spancast/sdk'
import { createChannel, createSession } from 'better-sse'
import express from 'express'

const { variant } = JSON.parse(process.argv[2])
const KEPT = 1000
const PAD = 'x'.repeat(60)
const clock = () => performance.timeOrigin + performance.now()

/** What each variant needs: how to publish to run `r`, and a server that streams it at `/r<r>`. */
const VARIANTS = {
  async spancast() {
    const LARGE = 1_000_000_000
    const registry = new ObserverRegistry({ maxRuns: 20_000 })
    const bridge = createBridge({
      registry,
      limits: { maxStreams: 20_000, maxStreamsPerClient: 20_000, maxReaderBytes: LARGE },
    })
    const { port } = await bridge.listen(0)
    const observers = new Map()
    return {
      port,
      path: (run) => `/api/agents/bench-run-${run}/stream`,
      id: (run, seq) => `${observers.get(run)?.epoch}.${seq}`,
      open: (run) => observers.set(run, registry.create(`bench-run-${run}`)),
      publish: (run, content) =>
        observers.get(run).emit({ type: 'agent.event', name: 'tick', content }),
    }
  },
  async 'better-sse'() {
    const topics = new Map()
    return serve(topics, () => createChannel(), {
      async join(topic, req, res) {
        const session = await createSession(req, res)
        const last = req.headers['last-event-id']
        if (last !== undefined) {
          for (const { id, event } of keptAfter(topic, Number(last))) {
            session.push(event, 'message', String(id))
          }
        }
        topic.channel.register(session)
      },
      send: (topic, id, event) =>
        topic.channel.broadcast(event, 'message', { eventId: String(id) }),
    })
  },
  async 'res.write'() {
    const topics = new Map()
    return serve(topics, () => new Set(), {
      join(topic, req, res) {
        res.writeHead(200, {
          'Content-Type': 'text/event-stream',
          'Cache-Control': 'no-cache, no-transform',
        })
        res.flushHeaders()
        const last = req.headers['last-event-id']
        if (last !== undefined) {
          for (const { id, event } of keptAfter(topic, Number(last))) res.write(frame(id, event))
        }
        topic.channel.add(res)
        res.on('close', () => topic.channel.delete(res))
      },
      send(topic, id, event) {
        const text = frame(id, event)
        for (const res of topic.channel) res.write(text)
      },
    })
  },
}

const frame = (id, event) => `id: ${id}\ndata: ${JSON.stringify(event)}\n\n`
const keptAfter = (topic, last) => topic.kept.filter(({ id }) => id > last)

async function serve(topics, newChannel, { join, send }) {
  const app = express()
  app.get('/:run', (req, res) => void join(topics.get(req.params.run), req, res))
  const server = createServer(app)
  await new Promise((resolve) =>
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve),
  )
  return {
    port: server.address().port,
    path: (run) => `/r${run}`,
    id: (_, seq) => String(seq),
    open: (run) => topics.set(`r${run}`, { channel: newChannel(), kept: [], next: 1 }),
    publish(run, content) {
      const topic = topics.get(`r${run}`)
      const id = topic.next++
      // The fields that Spancast's events have, so that all send the same bytes.
      const event = {
        type: 'agent.event',
        name: 'tick',
        content,
        seq: id,
        randomId: `bench-run-${run}`,
        nodeId: `bench-run-${run}`,
        timestamp: Date.now(),
        traceId: '0'.repeat(32),
        spanId: '0'.repeat(16),
      }
      topic.kept.push({ id, event })
      if (topic.kept.length > KEPT) topic.kept.shift()
      send(topic, id, event)
    },
  }
}

const server = await VARIANTS[variant]()
let acknowledged = 0
const control = net.createServer((socket) => {
  let rest = ''
  socket.setEncoding('latin1').on('data', (text) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop()
    if (lines.length > 0) acknowledged = Number(lines.at(-1))
  })
})
await new Promise((resolve) => control.listen(0, '127.0.0.1', resolve))

let publishing = false

/** As fast as the slowest reader follows, `window` events ahead of it; each turn publishes a few. */
function saturate({ runs, window, perTurn }) {
  let published = 0
  let run = 0
  const turn = () => {
    if (!publishing) return
    for (let i = 0; i < perTurn && published - acknowledged < window; i++) {
      server.publish(run, { sentAt: clock(), pad: PAD })
      run = (run + 1) % runs
      if (run === 0) published++
    }
    setImmediate(turn)
  }
  turn()
}

function paced({ perSecond }) {
  const timer = setInterval(() => {
    if (publishing) server.publish(0, { sentAt: clock(), pad: PAD })
    else clearInterval(timer)
  }, 1000 / perSecond)
}

const ACTIONS = {
  open: ({ runs, events }) => {
    for (let run = 0; run < runs; run++) {
      server.open(run)
      for (let i = 0; i < events; i++) server.publish(run, { sentAt: clock(), pad: PAD })
    }
    return { paths: Array.from({ length: runs }, (_, run) => server.path(run)) }
  },
  id: ({ seq }) => ({ id: server.id(0, seq) }),
  publish: (options) => {
    publishing = true
    acknowledged = 0
    if (options.perSecond === undefined) saturate(options)
    else paced(options)
    return {}
  },
  stop: () => {
    publishing = false
    return {}
  },
  memory: () => {
    for (let i = 0; i < 4; i++) globalThis.gc()
    const { heapUsed, external, rss } = process.memoryUsage()
    return { held: heapUsed + external, rss }
  },
}

process.on('message', ({ action, ...options }) => process.send(ACTIONS[action](options)))
process.on('disconnect', () => process.exit(0))
process.send({ port: server.port, control: control.address().port })
