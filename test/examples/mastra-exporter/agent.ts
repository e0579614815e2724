// Mastra's exporter: nothing of this program is live, its spans are sent when they have ended.
import { Agent } from '@mastra/core/agent'
import { Mastra } from '@mastra/core/mastra'
import { createTool } from '@mastra/core/tools'
import { createStep, createWorkflow } from '@mastra/core/workflows'
import { Observability } from '@mastra/observability'
import { OtelExporter } from '@mastra/otel-exporter'
import { z } from 'zod'

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
const guide = new Agent({
  id: 'guide-1',
  name: 'guide',
  instructions: 'You help travellers.',
  model: 'openai/gpt-5-mini',
  tools: { get_weather, check_alerts },
})
const research = createStep({
  id: 'research',
  inputSchema: z.object({ question: z.string() }),
  outputSchema: z.object({ notes: z.string() }),
  execute: async ({ inputData, tracingContext }) => {
    const { text } = await guide.generate(inputData.question, { tracingContext })
    return { notes: text }
  },
})
const report = createWorkflow({
  id: 'trip-report',
  inputSchema: z.object({ question: z.string() }),
  outputSchema: z.object({ notes: z.string() }),
})
  .then(research)
  .commit()

const exporter = new OtelExporter({
  provider: {
    custom: {
      endpoint: `${process.env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`,
      protocol: 'http/json',
    },
  },
})
const mastra = new Mastra({
  agents: { guide },
  workflows: { report },
  logger: false,
  observability: new Observability({
    configs: { otel: { serviceName: 'mastra-exporter', exporters: [exporter] } },
  }),
})
try {
  const question = process.argv[2] ?? 'What is the weather in Lima? Check for alerts.'
  const run = await mastra.getWorkflow('report').createRun()
  const outcome = await run.start({ inputData: { question } })
  if (outcome.status === 'failed') throw outcome.error
} finally {
  await mastra.shutdown()
}
