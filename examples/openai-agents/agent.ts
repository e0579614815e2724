// The OpenAI Agents SDK: OpenInference turns its own tracing into spans, and those are live.
import { OpenAIAgentsInstrumentation } from '@arizeai/openinference-instrumentation-openai-agents'
import * as agents from '@openai/agents'
import { observeRun } from '@spancast/sdk'
import { start } from '@spancast/sdk/setup'
import { z } from 'zod'

const spancast = start({ serviceName: 'openai-agents-example' }) // SPANCAST_BRIDGE_URL names the bridge
new OpenAIAgentsInstrumentation().manuallyInstrument(agents)

const question = process.argv[2] ?? 'What is the weather in Lima? Please check for alerts, too.'
const model = process.env.OPENAI_MODEL ?? 'gpt-5-mini'

const getWeather = agents.tool({
  name: 'get_weather',
  description: 'The weather of a city, now.',
  parameters: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, temperature: 21, sky: 'clear' }),
})

const checkAlerts = agents.tool({
  name: 'check_alerts',
  description: 'Storm and flood warnings for a city.',
  parameters: z.object({ city: z.string() }),
  execute: async (): Promise<string[]> => {
    throw new Error('the alert service is down')
  },
})

const forecaster = new agents.Agent({
  name: 'Weather forecaster',
  model,
  instructions: 'You answer questions about the weather.',
  tools: [getWeather, checkAlerts],
})

const frontDesk = agents.Agent.create({
  name: 'Front desk',
  model,
  instructions: 'You hand questions over to whoever can answer them.',
  handoffs: [forecaster],
})

try {
  const { result } = await observeRun({ name: 'Weather service', input: question }, () =>
    agents.run(frontDesk, question),
  )
  console.log(result.finalOutput)
} finally {
  // What is on its way gets there, also when the agent fails.
  await spancast.shutdown()
}
