// The OpenAI SDK: OpenInference tells of its calls, `observe` of the agent and the tools that you wrote around it.
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai'
import { observe } from '@spancast/sdk'
import { start } from '@spancast/sdk/setup'
import OpenAI from 'openai'

const spancast = start({ serviceName: 'openai-example' }) // SPANCAST_BRIDGE_URL names the bridge
new OpenAIInstrumentation().manuallyInstrument(OpenAI)

const question = process.argv[2] ?? 'What is the weather in Lima? Please check for alerts, too.'
const model = process.env.OPENAI_MODEL ?? 'gpt-5-mini'
const client = new OpenAI()

const tools = {
  get_weather: observe(
    async ({ city }: { city: string }) => ({ city, temperature: 21, sky: 'clear' }),
    { name: 'get_weather', kind: 'tool' },
  ),
  check_alerts: observe(
    async (_: { city: string }): Promise<string[]> => {
      throw new Error('the alert service is down')
    },
    { name: 'check_alerts', kind: 'tool' },
  ),
}

const offered = Object.keys(tools).map((name) => ({
  type: 'function' as const,
  function: {
    name,
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
    },
  },
}))

/** Asks the model, does what it wants to have done, and asks again, until it answers. */
const guide = observe(
  async (question: string): Promise<string> => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: question }]
    for (;;) {
      const { choices } = await client.chat.completions.create({ model, messages, tools: offered })
      const message = choices[0]?.message
      if (message === undefined) throw new Error('The model gave no answer.')
      if (message.tool_calls === undefined) return message.content ?? ''
      messages.push(message)
      for (const call of message.tool_calls) {
        if (call.type !== 'function') continue
        const content = await use(call.function)
        messages.push({ role: 'tool', tool_call_id: call.id, content })
      }
    }
  },
  { name: 'guide' },
)

/** What a tool says, or what went wrong with it: the model can do without. */
async function use(call: { name: string; arguments: string }): Promise<string> {
  const tool = call.name in tools ? tools[call.name as keyof typeof tools] : undefined
  if (tool === undefined) return `There is no tool ${call.name}.`
  try {
    return JSON.stringify(await tool(JSON.parse(call.arguments)))
  } catch (error) {
    return String(error)
  }
}

/** A generator: every part that it yields is live at once. */
const poet = observe(
  async function* (subject: string) {
    const stream = await client.responses.create({
      model,
      input: `A line about ${subject}, please.`,
      stream: true,
    })
    for await (const event of stream) {
      if (event.type === 'response.output_text.delta') yield event.delta
    }
  },
  { name: 'poet' },
)

try {
  console.log(await guide(question))
  for await (const part of poet('the sea')) process.stdout.write(part)
  process.stdout.write('\n')
} finally {
  // What is on its way gets there, also when the agent fails.
  await spancast.shutdown()
}
