// Many SSE readers in one process: raw sockets that count frames, check ids and measure ages.
import net from 'node:net'

// Each event has one line of data, and no content here holds this.
const MARK = '\ndata:'
const clock = () => performance.timeOrigin + performance.now()

let sockets = []
let counts = []
let tails = []
let ages
let control

function connect({ port, paths, readers, lastEventId }) {
  sockets = []
  counts = new Array(readers).fill(0)
  tails = new Array(readers).fill(Buffer.alloc(0))
  const opened = []
  const started = clock()
  for (let i = 0; i < readers; i++) {
    opened.push(
      new Promise((resolve, reject) => {
        const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
        sockets.push(socket)
        socket.on('error', reject)
        socket.once('data', (chunk) => {
          if (!chunk.includes('200 OK')) reject(new Error(chunk.toString().slice(0, 200)))
          resolve()
        })
        socket.on('data', (chunk) => read(i, chunk))
        const resume = lastEventId === undefined ? '' : `Last-Event-ID: ${lastEventId}\r\n`
        socket.write(`GET ${paths[i % paths.length]} HTTP/1.1\r\nHost: 127.0.0.1\r\n${resume}\r\n`)
      }),
    )
  }
  return Promise.all(opened).then(() => ({ startedAt: started }))
}

function read(i, chunk) {
  // A mark that two chunks share is found in the seam, where only such a one fits.
  const seam = Buffer.concat([tails[i], chunk.subarray(0, MARK.length - 1)])
  const found = countMarks(seam) + countMarks(chunk)
  tails[i] = Buffer.from(
    Buffer.concat([tails[i], chunk.subarray(1 - MARK.length)]).subarray(1 - MARK.length),
  )
  counts[i] += found
  if (ages !== undefined && found > 0) measureAge(chunk)
}

function countMarks(bytes) {
  let found = 0
  for (let at = bytes.indexOf(MARK); at !== -1; at = bytes.indexOf(MARK, at + MARK.length)) found++
  return found
}

function measureAge(chunk) {
  const text = chunk.toString('latin1')
  const at = text.lastIndexOf('"sentAt":')
  if (at !== -1) ages.push(clock() - Number.parseFloat(text.slice(at + 9, at + 28)))
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
    follow(controlPort)
    await pause(warmMs)
    if (withAges) ages = []
    const before = total()
    const started = clock()
    await pause(ms)
    const perSecond = ((total() - before) * 1000) / (clock() - started)
    const sorted = (ages ?? []).sort((a, b) => a - b)
    const quantile = (q) => sorted[Math.floor(sorted.length * q)] ?? null
    ages = undefined
    control.destroy()
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
