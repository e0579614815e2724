// A stream whose reader gives up: the library ends its agent then, and never its model call.
import { openai } from '@ai-sdk/openai'
import { start } from '@spancast/sdk/setup'
import { streamText } from 'ai'

const spancast = start({ serviceName: 'aborted' })
const stop = new AbortController()
try {
  const { textStream } = streamText({
    model: openai('gpt-5-mini'),
    prompt: 'Tell me a story that is long enough to be cut short.',
    abortSignal: stop.signal,
    experimental_telemetry: { isEnabled: true, functionId: 'narrator' },
  })
  for await (const _ of textStream) stop.abort()
} finally {
  await spancast.shutdown()
}
