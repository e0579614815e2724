// A process with an observed agent that sends its live events to a bridge in another process.
import { observe, observeRun } from '@spancast/sdk'
import { start } from '@spancast/sdk/setup'

const { bridgeUrl, samples } = JSON.parse(process.argv[2])
const { shutdown } = start({ bridgeUrl, serviceName: 'bench' })
const step = observe(() => {}, { name: 'step', kind: 'step' })
const clock = () => performance.timeOrigin + performance.now()
const told = () => new Promise((resolve) => process.once('message', resolve))

await observeRun({ name: 'latency', randomId: 'bench-latency' }, async () => {
  process.send({ opened: true })
  await told()
  for (let i = 0; i < samples; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10))
    const startedAt = clock()
    step()
    process.send({ startedAt })
    await told()
  }
})
await shutdown()
process.disconnect()
