// Many SSE readers in one process: raw sockets that count frames, check ids and measure ages.
import net from 'node:net'

// Each event has one line of data, and no content here holds this.
const MARK = Buffer.from('\ndata:')
const NEWLINE = MARK[0]
// One for all: a reader that allocates measures itself.
const INBOX = Buffer.allocUnsafe(262_144)
const clock = () => performance.timeOrigin + performance.now()

let sockets = []
let counts = []
/** How much of a mark each reader's last chunk ended in. */
let begun = []
let ages
let control

function connect({ port, paths, readers, lastEventId }) {
  sockets = []
  counts = new Array(readers).fill(0)
  begun = new Array(readers).fill(0)
  const opened = []
  const started = clock()
  for (let i = 0; i < readers; i++) {
    opened.push(
      new Promise((resolve, reject) => {
        let isOpen = false
        const callback = (length, inbox) => {
          const chunk = inbox.subarray(0, length)
          read(i, chunk)
          if (isOpen) return true
          isOpen = true
          if (!chunk.includes('200 OK')) reject(new Error(chunk.toString('utf8', 0, 200)))
          resolve()
          return true
        }
        const onread = { buffer: INBOX, callback }
        const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, onread })
        sockets.push(socket)
        socket.on('error', reject)
        const resume = lastEventId === undefined ? '' : `Last-Event-ID: ${lastEventId}\r\n`
        socket.write(`GET ${paths[i % paths.length]} HTTP/1.1\r\nHost: 127.0.0.1\r\n${resume}\r\n`)
      }),
    )
  }
  return Promise.all(opened).then(() => ({ startedAt: started }))
}

function read(i, chunk) {
  let found = 0
  if (begun[i] > 0 && chunk.indexOf(MARK.subarray(begun[i])) === 0) found++
  for (let at = chunk.indexOf(MARK); at !== -1; at = chunk.indexOf(MARK, at + MARK.length)) found++
  const last = chunk.lastIndexOf(NEWLINE)
  const length = chunk.length - last
  const isBegun = last !== -1 && length < MARK.length && MARK.indexOf(chunk.subarray(last)) === 0
  begun[i] = isBegun ? length : 0
  counts[i] += found
  if (ages !== undefined && found > 0) measureAge(chunk)
}

function measureAge(chunk) {
  const at = chunk.lastIndexOf('"sentAt":')
  if (at !== -1) ages.push(clock() - Number.parseFloat(chunk.latin1Slice(at + 9, at + 28)))
}

const total = () => counts.reduce((sum, count) => sum + count, 0)

/** Tells the server how far the slowest reader is, so that it does not run away from them. */
function follow(controlPort) {
  control = net.connect(controlPort, '127.0.0.1')
  const base = [...counts]
  const report = setInterval(() => {
    let slowest = Number.POSITIVE_INFINITY
    for (let i = 0; i < counts.length; i++) slowest = Math.min(slowest, counts[i] - base[i])
    control.write(`${slowest}\n`)
  }, 1)
  control.on('close', () => clearInterval(report))
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

const ACTIONS = {
  connect,
  /** Deliveries a second within a window of time, and the ages of a sample. */
  async measure({ controlPort, warmMs, ms, withAges }) {
    if (controlPort !== undefined) follow(controlPort)
    await pause(warmMs)
    if (withAges) ages = []
    const before = total()
    const started = clock()
    await pause(ms)
    const perSecond = ((total() - before) * 1000) / (clock() - started)
    const sorted = (ages ?? []).sort((a, b) => a - b)
    const quantile = (q) => sorted[Math.floor(sorted.length * q)] ?? null
    ages = undefined
    control?.destroy()
    return { perSecond, p50: quantile(0.5), p99: quantile(0.99) }
  },
  /** How long it takes until every reader has `expected` events, from the first connect on. */
  async complete({ expected, startedAt }) {
    const deadline = clock() + 60_000
    while (counts.some((count) => count < expected)) {
      if (clock() > deadline) throw new Error(`readers got ${Math.min(...counts)} of ${expected}`)
      await new Promise((resolve) => setImmediate(resolve))
    }
    return { ms: clock() - startedAt, exact: counts.every((count) => count === expected) }
  },
  disconnect: async () => {
    for (const socket of sockets) socket.destroy()
    return {}
  },
}

process.on('message', async ({ action, ...options }) => {
  process.send(await ACTIONS[action](options))
})
process.on('disconnect', () => process.exit(0))
process.send({ ready: true })
