// The AI SDK 7: spans by the conventions, or, with --legacy, in the shape that they had before.

import { openai } from '@ai-sdk/openai'
import { LegacyOpenTelemetry, OpenTelemetry } from '@ai-sdk/otel'
import { start } from '@spancast/sdk/setup'
import { generateText, isStepCount, registerTelemetry, streamText, tool } from 'ai'
import { z } from 'zod'

const spancast = start({ serviceName: 'ai-sdk-7' })
const legacy = process.argv.includes('--legacy')
registerTelemetry(legacy ? new LegacyOpenTelemetry() : new OpenTelemetry({ usage: true }))

const question =
  process.argv.slice(2).find((arg) => !arg.startsWith('--')) ??
  'What is the weather in Lima? Check for alerts, and ask the historian how old the city is.'
const model = openai(process.env.OPENAI_MODEL ?? 'gpt-5-mini')

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
        telemetry: { functionId: 'historian' },
      })
      return text
    },
  }),
}

try {
  const { text } = await generateText({
    model,
    tools,
    stopWhen: isStepCount(5),
    prompt: question,
    telemetry: { functionId: 'guide' },
  })
  console.log(text)

  const { textStream } = streamText({
    model,
    tools: { get_weather: tools.get_weather },
    stopWhen: isStepCount(5),
    prompt: question,
    telemetry: { functionId: 'streaming-guide' },
  })
  for await (const part of textStream) process.stdout.write(part)
  process.stdout.write('\n')
} finally {
  await spancast.shutdown()
}
