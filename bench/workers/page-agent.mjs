// A bridge with its page, and an agent in the same process that takes steps in the pace of a clock.
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { createBridge } from '@spancast/bridge'
import { AgentEventProcessor, emit, ObserverRegistry, observe, observeRun } from '@spancast/sdk'

const { steps, stepsASecond } = JSON.parse(process.argv[2])
const PACE_MS = 40
const registry = new ObserverRegistry({ maxEvents: 40_000, maxRunBytes: 256 * 1024 * 1024 })
new NodeTracerProvider({ spanProcessors: [new AgentEventProcessor({ registry })] }).register()
const bridge = createBridge({ registry })
const { url } = await bridge.listen(0)
const randomId = 'bench-page'

// Each has a name of its own, so that a search has one answer.
const step = (at) =>
  observe(
    (value) => {
      emit('progress', { value })
      emit('progress', { value, more: true })
      return value
    },
    { name: `tool-${at}`, kind: 'tool' },
  )(at)

const ACTIONS = {
  /** Takes all steps, four events each. */
  run: () =>
    observeRun({ name: 'busy', randomId }, async () => {
      const began = performance.now()
      for (let taken = 0; taken < steps; ) {
        await new Promise((resolve) => setTimeout(resolve, PACE_MS))
        // Timers come late: what is due counts, not how often the clock rang.
        const due = Math.floor(((performance.now() - began) * stepsASecond) / 1000)
        while (taken < Math.min(due, steps)) step(++taken)
      }
      return {}
    }),
}

process.on('message', async ({ action }) => {
  await ACTIONS[action]()
  process.send({})
})
process.on('disconnect', () => process.exit(0))
process.send({ url: `${url}/runs/${randomId}` })
