// From the start of a span to the 'data' event of a reader's socket, in one process that is otherwise idle.
import net from 'node:net'
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { createBridge } from '@spancast/bridge'
import { AgentEventProcessor, ObserverRegistry, observe, observeRun } from '@spancast/sdk'
import { median } from '../lib/figures.mjs'

const { samples } = JSON.parse(process.argv[2])
const registry = new ObserverRegistry()
new NodeTracerProvider({ spanProcessors: [new AgentEventProcessor({ registry })] }).register()
const bridge = createBridge({ registry })
const { port } = await bridge.listen(0)
const step = observe(() => {}, { name: 'step', kind: 'step' })
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

await observeRun({ name: 'latency', randomId: 'bench-latency' }, async () => {
  const socket = net.connect(port, '127.0.0.1')
  socket.write('GET /api/agents/bench-latency/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await new Promise((resolve) => socket.once('data', resolve))
  await pause(50)
  const times = []
  for (let i = 0; i < samples; i++) {
    await pause(5)
    const arrived = new Promise((resolve) => socket.once('data', resolve))
    const started = performance.now()
    step()
    await arrived
    if (i >= samples / 5) times.push(performance.now() - started)
  }
  times.sort((a, b) => a - b)
  const p99 = times[Math.floor(times.length * 0.99)]
  process.stdout.write(JSON.stringify({ p50: median(times), p99 }))
})
process.exit(0)
