// LangGraph: OpenInference tells of its graphs, agents, tools and model calls.
import { LangChainInstrumentation } from '@arizeai/openinference-instrumentation-langchain'
import * as callbacks from '@langchain/core/callbacks/manager'
import { END, MessagesAnnotation, START, StateGraph } from '@langchain/langgraph'
import { ChatOpenAI } from '@langchain/openai'
import { start } from '@spancast/sdk/setup'
import { createAgent, tool } from 'langchain'
import { z } from 'zod'

const spancast = start({ serviceName: 'langgraph-example' }) // SPANCAST_BRIDGE_URL names the bridge
new LangChainInstrumentation().manuallyInstrument(callbacks)

const question =
  process.argv[2] ??
  'What is the weather in Lima? Check for alerts, and ask the historian how old the city is.'
const model = new ChatOpenAI({ model: process.env.OPENAI_MODEL ?? 'gpt-5-mini' })

const getWeather = tool(async ({ city }) => ({ city, temperature: 21, sky: 'clear' }), {
  name: 'get_weather',
  description: 'The weather of a city, on each of the next days.',
  schema: z.object({ city: z.string(), days: z.number() }),
})
const checkAlerts = tool(
  async (): Promise<string[]> => {
    throw new TypeError('the alert service is down')
  },
  {
    name: 'check_alerts',
    description: 'Storm and flood warnings for a city.',
    schema: z.object({ city: z.string(), severe: z.boolean() }),
  },
)
const historian = createAgent({ name: 'historian', model, tools: [] })
const askHistorian = tool(
  async ({ question }) => {
    const { messages } = await historian.invoke({ messages: [{ role: 'user', content: question }] })
    return messages.at(-1)?.text
  },
  {
    name: 'ask_historian',
    description: 'A colleague who knows the history of cities.',
    schema: z.object({ question: z.string() }),
  },
)

// The agent's name is what it is shown by.
const guide = createAgent({ name: 'guide', model, tools: [getWeather, checkAlerts, askHistorian] })

const graph = new StateGraph(MessagesAnnotation)
  .addNode('research', async (state) => {
    const { messages } = await guide.invoke(state)
    return { messages: messages.slice(-1) }
  })
  .addNode('write', async ({ messages }) => {
    const task = { role: 'user', content: 'Say it in one sentence.' }
    return { messages: [await model.invoke([...messages, task])] }
  })
  .addEdge(START, 'research')
  .addEdge('research', 'write')
  .addEdge('write', END)
  .compile({ name: 'trip-report' })

try {
  const { messages } = await graph.invoke({ messages: [{ role: 'user', content: question }] })
  console.log(messages.at(-1)?.text)
} finally {
  await spancast.shutdown()
}
