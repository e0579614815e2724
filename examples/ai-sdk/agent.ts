// Vercel's AI SDK: switch its telemetry on, and every agent, tool and model call is live.
import { openai } from '@ai-sdk/openai'
import { start } from '@spancast/sdk/setup'
import { generateText, stepCountIs, streamText, tool } from 'ai'
import { z } from 'zod'

const spancast = start({ serviceName: 'ai-sdk-example' }) // SPANCAST_BRIDGE_URL names the bridge

const question =
  process.argv[2] ??
  'What is the weather in Lima? Check for alerts, and ask the historian how old the city is.'
const model = openai(process.env.OPENAI_MODEL ?? 'gpt-5-mini')

/** The function's id is the name that the agent is shown by. */
const telemetry = (functionId: string) => ({ isEnabled: true, functionId })

const tools = {
  get_weather: tool({
    description: 'The weather of a city, now.',
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => ({ city, temperature: 21, sky: 'clear' }),
  }),
  check_alerts: tool({
    description: 'Storm and flood warnings for a city.',
    inputSchema: z.object({ city: z.string() }),
    execute: async (): Promise<string[]> => {
      throw new Error('the alert service is down')
    },
  }),
  ask_historian: tool({
    description: 'A colleague who knows the history of cities.',
    inputSchema: z.object({ question: z.string() }),
    execute: async ({ question }) => {
      const { text } = await generateText({
        model,
        prompt: question,
        experimental_telemetry: telemetry('historian'),
      })
      return text
    },
  }),
}

try {
  const { text } = await generateText({
    model,
    tools,
    stopWhen: stepCountIs(5),
    prompt: question,
    experimental_telemetry: telemetry('guide'),
  })
  console.log(text)

  const { textStream } = streamText({
    model,
    tools: { get_weather: tools.get_weather },
    stopWhen: stepCountIs(5),
    prompt: question,
    experimental_telemetry: telemetry('streaming-guide'),
  })
  for await (const part of textStream) process.stdout.write(part)
  process.stdout.write('\n')
} finally {
  // What is on its way gets there, also when the agent fails.
  await spancast.shutdown()
}
