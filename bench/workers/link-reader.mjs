// A bridge of its own, and a reader of one run in it.
import net from 'node:net'
import { createBridge } from '@spancast/bridge'
import { ObserverRegistry } from '@spancast/sdk'

const bridge = createBridge({ registry: new ObserverRegistry() })
const { port, url } = await bridge.listen(0)
const clock = () => performance.timeOrigin + performance.now()

const ACTIONS = {
  /** Connects the reader, once the run is there. */
  watch: async () => {
    const socket = net.connect(port, '127.0.0.1')
    socket.write('GET /api/agents/bench-latency/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
    await new Promise((resolve) => socket.once('data', resolve))
    // The start of each step is its first event; what follows in the same piece is its end.
    socket.on('data', (piece) => {
      if (piece.includes('"agent.start"')) arrivals.push(clock())
    })
    return {}
  },
  arrivals: () => ({ arrivals }),
}
const arrivals = []

process.on('message', async ({ action }) => process.send(await ACTIONS[action]()))
process.on('disconnect', () => process.exit(0))
process.send({ url })
