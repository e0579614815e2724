import { EventStreamer } from '@spancast/sdk'

const streamer = EventStreamer.getInstance()
const stop = streamer.subscribe('sales_agent', (event) => {
  console.log(`[${event.type}]`, event.content)
})
streamer.emit('sales_agent', { type: 'progress', content: { status: 'making_decision' } })
stop()
