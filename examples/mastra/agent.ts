// Mastra: its bridge hands what it traces to OpenTelemetry, and that is live.
import { Agent } from '@mastra/core/agent'
import { Mastra } from '@mastra/core/mastra'
import { createTool } from '@mastra/core/tools'
import { createStep, createWorkflow } from '@mastra/core/workflows'
import { Observability } from '@mastra/observability'
import { OtelBridge } from '@mastra/otel-bridge'
import { start } from '@spancast/sdk/setup'
import { z } from 'zod'

const spancast = start({ serviceName: 'mastra-example' }) // SPANCAST_BRIDGE_URL names the bridge

const question =
  process.argv[2] ??
  'What is the weather in Lima? Check for alerts, and ask the historian how old the city is.'
const model = `openai/${process.env.OPENAI_MODEL ?? 'gpt-5-mini'}`

const get_weather = createTool({
  id: 'get_weather',
  description: 'The weather of a city, now.',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, temperature: 21, sky: 'clear' }),
})
const check_alerts = createTool({
  id: 'check_alerts',
  description: 'Storm and flood warnings for a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: async (): Promise<string[]> => {
    throw new Error('the alert service is down')
  },
})
const historian = new Agent({
  id: 'historian',
  name: 'historian',
  instructions: 'You know the history of cities.',
  model,
})
const ask_historian = createTool({
  id: 'ask_historian',
  description: 'A colleague who knows the history of cities.',
  inputSchema: z.object({ question: z.string() }),
  execute: async ({ question }) => {
    const { text } = await historian.generate(question)
    return text
  },
})
const guide = new Agent({
  id: 'guide',
  name: 'guide',
  instructions: 'You help travellers.',
  model,
  tools: { get_weather, check_alerts, ask_historian },
})

const research = createStep({
  id: 'research',
  inputSchema: z.object({ question: z.string() }),
  outputSchema: z.object({ notes: z.string() }),
  execute: async ({ inputData }) => {
    const { text } = await guide.generate(inputData.question)
    return { notes: text }
  },
})
const shorten = createStep({
  id: 'shorten',
  inputSchema: z.object({ notes: z.string() }),
  outputSchema: z.object({ lines: z.number() }),
  execute: async ({ inputData }) => ({ lines: inputData.notes.split('\n').length }),
})
const report = createWorkflow({
  id: 'trip-report',
  inputSchema: z.object({ question: z.string() }),
  outputSchema: z.object({ lines: z.number() }),
})
  .then(research)
  .then(shorten)
  .commit()

const mastra = new Mastra({
  agents: { guide, historian },
  workflows: { report },
  logger: false,
  observability: new Observability({
    configs: { otel: { serviceName: 'mastra-example', bridge: new OtelBridge() } },
  }),
})

try {
  const run = await mastra.getWorkflow('report').createRun()
  const outcome = await run.start({ inputData: { question } })
  if (outcome.status === 'failed') throw outcome.error
  console.log(outcome.status === 'success' ? outcome.result : outcome.status)

  const { textStream } = await mastra.getAgent('guide').stream(question)
  for await (const part of textStream) process.stdout.write(part)
  process.stdout.write('\n')
} finally {
  await mastra.shutdown()
  await spancast.shutdown()
}
