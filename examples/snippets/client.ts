import { createClient } from '@spancast/sdk/client'

const baseUrl = process.env.SPANCAST_BRIDGE_URL ?? 'http://127.0.0.1:4319'
const client = createClient({ baseUrl }) // token: '...' where the bridge asks for one

const { randomId } = await client.invoke('research', 'Why do streams end?')
for await (const event of client.events(randomId)) {
  if (event.type === 'agent.tool.start') console.log('looks up', event.args)
}
const { status, duration } = await client.waitForEnd(randomId)
console.log(`${status} after ${duration} ms`)
