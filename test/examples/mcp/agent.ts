// An agent that uses the tools of an MCP server, over a real connection between the two.
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { observe } from '@spancast/sdk'
import { start } from '@spancast/sdk/setup'
import { McpInstrumentation } from '@traceloop/instrumentation-mcp'
import { z } from 'zod'

const spancast = start({ serviceName: 'mcp' })
new McpInstrumentation().manuallyInstrument({ Client })

const server = new McpServer({ name: 'weather', version: '1.0.0' })
const inputSchema = { city: z.string() }
server.registerTool('get_weather', { inputSchema }, async ({ city }) => ({
  content: [{ type: 'text', text: JSON.stringify({ city, temperature: 21 }) }],
}))
server.registerTool('check_alerts', { inputSchema }, async () => {
  throw new Error('the alert service is down')
})

const guide = observe(
  async (city: string) => {
    const [near, far] = InMemoryTransport.createLinkedPair()
    await server.connect(far)
    const client = new Client({ name: 'guide', version: '1.0.0' })
    await client.connect(near)
    const { tools } = await client.listTools()
    for (const { name } of tools) await client.callTool({ name, arguments: { city } })
    await client.close()
    return tools.length
  },
  { name: 'guide' },
)

try {
  console.log(await guide('Lima'))
} finally {
  await spancast.shutdown()
}
