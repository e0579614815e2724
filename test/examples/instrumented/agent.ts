// One agent over the OpenAI SDK. Its calls are told by the library that the first argument names: `opentelemetry`,
// `openllmetry` or `langfuse`; the last tells of the agent and its tools as well, for the others `observe` does.
import { createRequire } from 'node:module'
import { observeOpenAI } from '@langfuse/openai'
import { observe as langfuse } from '@langfuse/tracing'
import { registerInstrumentations } from '@opentelemetry/instrumentation'
import { OpenAIInstrumentation as OpenTelemetry } from '@opentelemetry/instrumentation-openai'
import { observe } from '@spancast/sdk'
import { start } from '@spancast/sdk/setup'
import { OpenAIInstrumentation as OpenLlmetry } from '@traceloop/instrumentation-openai'

const spancast = start({ serviceName: 'instrumented' })
const [library, question = 'What is the weather in Lima?'] = process.argv.slice(2)
const isLangfuse = library === 'langfuse'
const model = 'gpt-5-mini'

if (library === 'opentelemetry') {
  registerInstrumentations({ instrumentations: [new OpenTelemetry()] })
}
// It is patched where it is required.
const { OpenAI }: typeof import('openai') = createRequire(import.meta.url)('openai')
if (library === 'openllmetry') new OpenLlmetry().manuallyInstrument(OpenAI)
const client = isLangfuse ? observeOpenAI(new OpenAI()) : new OpenAI()

type Tool = (args: { city: string }) => Promise<unknown>
const tool = (name: string, fn: Tool): Tool =>
  isLangfuse ? langfuse(fn, { name, asType: 'tool' }) : observe(fn, { name, kind: 'tool' })
const agent = <Args extends unknown[]>(name: string, fn: (...args: Args) => Promise<unknown>) =>
  isLangfuse ? langfuse(fn, { name, asType: 'agent' }) : observe(fn, { name })

const getWeather = tool('get_weather', async ({ city }) => ({ city, temperature: 21 }))
const checkAlerts = tool('check_alerts', async () => {
  throw new Error('the alert service is down')
})

const guide = agent('guide', async (question: string) => {
  const { choices } = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: question }],
  })
  await getWeather({ city: 'Lima' })
  await checkAlerts({ city: 'Lima' }).catch(() => undefined)
  await client.responses.create({ model, input: 'And tomorrow?' })
  return choices[0]?.message.content
})

try {
  console.log(await guide(question))
} finally {
  await spancast.shutdown()
}
