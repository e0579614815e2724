// An OpenTelemetry Collector that takes OTLP over HTTP and passes it on to a sink, with as little between as it can do.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'

const { binary, upstreamUrl } = JSON.parse(process.argv[2])
// The unit of /proc, whatever the kernel's own clock.
const TICKS_A_SECOND = 100

const child = spawn(binary, ['--config', `yaml:${JSON.stringify(config())}`], {
  stdio: ['ignore', 'ignore', 'pipe'],
})
process.on('exit', () => child.kill('SIGKILL'))

const port = await new Promise((resolve, reject) => {
  const said = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    said.push(line)
    // What ends it before it logs is said in plain text.
    if (!line.startsWith('{')) return
    const { msg, endpoint } = JSON.parse(line)
    if (msg === 'Starting HTTP server') resolve(Number(endpoint.split(':').at(-1)))
  })
  child.once('error', reject)
  child.once('close', (code) => {
    reject(new Error(`the Collector ended with ${code}:\n${said.join('\n')}`))
  })
})

process.on('message', () => process.send({ cpuSeconds: cpuSeconds() }))
process.on('disconnect', () => process.exit(0))
process.send({ port })

function config() {
  return {
    receivers: { otlp: { protocols: { http: { endpoint: '127.0.0.1:0' } } } },
    exporters: {
      otlp_http: {
        endpoint: upstreamUrl,
        // The bridge passes on what came as it came, and that is not compressed here.
        compression: 'none',
        // Short, and nothing is refused: what is accepted is passed on within the time that is measured.
        sending_queue: { queue_size: 64, block_on_overflow: true },
      },
    },
    service: {
      telemetry: { metrics: { level: 'none' }, logs: { level: 'info', encoding: 'json' } },
      pipelines: { traces: { receivers: ['otlp'], exporters: ['otlp_http'] } },
    },
  }
}

/** What the Collector has used of all cores. */
function cpuSeconds() {
  const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8')
  // The name in front is in brackets and may have spaces in it; user and system time are the 12th and 13th after it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}
