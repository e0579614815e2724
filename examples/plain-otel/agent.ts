// OpenTelemetry alone: an agent over `fetch`, its spans made by hand as the GenAI conventions want them, on a provider
// that was there before. One processor makes them live.
import { type Attributes, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { AgentEventProcessor, EventStreamer } from '@spancast/sdk'

const exporting = process.env.OTEL_EXPORTER_OTLP_ENDPOINT
  ? [new BatchSpanProcessor(new OTLPTraceExporter())]
  : []
const provider = new NodeTracerProvider({
  spanProcessors: [new AgentEventProcessor(), ...exporting],
})
provider.register()

// Every event of every run, as it happens. A bridge (`createBridge().listen()`) would stream the same.
EventStreamer.getInstance().subscribe('*', ({ event }) => console.log(JSON.stringify(event)))

interface Message {
  role: 'user' | 'assistant' | 'tool'
  content: string | null
  tool_calls?: { id: string; function: { name: string; arguments: string } }[]
  tool_call_id?: string
}

interface Completion {
  model: string
  choices: [{ finish_reason: string; message: Message }]
  usage: {
    prompt_tokens: number
    completion_tokens: number
    prompt_tokens_details?: { cached_tokens: number }
    completion_tokens_details?: { reasoning_tokens: number }
  }
}

const question = process.argv[2] ?? 'What is the weather in Lima? Please check for alerts, too.'
const model = process.env.OPENAI_MODEL ?? 'gpt-5-mini'
const baseUrl = process.env.OPENAI_BASE_URL ?? 'https://api.openai.com/v1'
const tracer = trace.getTracer('my-agent')

const tools: Record<string, (args: { city: string }) => Promise<unknown>> = {
  get_weather: async ({ city }) => ({ city, temperature: 21, sky: 'clear' }),
  check_alerts: async () => {
    throw new RangeError('the alert service is down')
  },
}

/** Asks the model, does what it wants to have done, and asks again, until it answers. */
function guide(question: string): Promise<string> {
  const attributes = {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': 'guide',
    'gen_ai.provider.name': 'openai',
  }
  return inSpan('invoke_agent guide', SpanKind.INTERNAL, attributes, async (span) => {
    const messages: Message[] = [{ role: 'user', content: question }]
    span.setAttribute('gen_ai.input.messages', JSON.stringify(messages))
    for (;;) {
      const answer = await chat(messages)
      messages.push(answer)
      if (answer.tool_calls === undefined) {
        span.setAttribute('gen_ai.output.messages', JSON.stringify([answer]))
        return answer.content ?? ''
      }
      for (const call of answer.tool_calls) {
        const content = await use(call.id, call.function).catch(String)
        messages.push({ role: 'tool', tool_call_id: call.id, content })
      }
    }
  })
}

function chat(messages: readonly Message[]): Promise<Message> {
  const attributes = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': model,
    'gen_ai.input.messages': JSON.stringify(messages),
  }
  return inSpan(`chat ${model}`, SpanKind.CLIENT, attributes, async (span) => {
    const response = await fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${process.env.OPENAI_API_KEY}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ model, messages, tools: Object.keys(tools).map(offered) }),
    })
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
    const completion = (await response.json()) as Completion
    const {
      choices: [choice],
      usage,
    } = completion
    span.setAttributes({
      'gen_ai.response.model': completion.model,
      'gen_ai.response.finish_reasons': [choice.finish_reason],
      'gen_ai.output.messages': JSON.stringify([choice.message]),
      'gen_ai.usage.input_tokens': usage.prompt_tokens,
      'gen_ai.usage.output_tokens': usage.completion_tokens,
      'gen_ai.usage.cache_read.input_tokens': usage.prompt_tokens_details?.cached_tokens,
      'gen_ai.usage.reasoning.output_tokens': usage.completion_tokens_details?.reasoning_tokens,
    })
    return choice.message
  })
}

function use(id: string, call: { name: string; arguments: string }): Promise<string> {
  const attributes = {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': call.name,
    'gen_ai.tool.call.id': id,
    'gen_ai.tool.call.arguments': call.arguments,
  }
  return inSpan(`execute_tool ${call.name}`, SpanKind.INTERNAL, attributes, async (span) => {
    const tool = tools[call.name]
    if (tool === undefined) throw new Error(`There is no tool ${call.name}.`)
    const result = JSON.stringify(await tool(JSON.parse(call.arguments)))
    span.setAttribute('gen_ai.tool.call.result', result)
    return result
  })
}

function offered(name: string): object {
  const parameters = {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
  }
  return { type: 'function', function: { name, parameters } }
}

function inSpan<T>(
  name: string,
  kind: SpanKind,
  attributes: Attributes,
  fn: (span: Span) => Promise<T>,
): Promise<T> {
  return tracer.startActiveSpan(name, { kind, attributes }, async (span) => {
    try {
      return await fn(span)
    } catch (error) {
      const { name: type, message } = error instanceof Error ? error : new Error(String(error))
      span.recordException({ name: type, message })
      span.setStatus({ code: SpanStatusCode.ERROR, message })
      span.setAttribute('error.type', type)
      throw error
    } finally {
      span.end()
    }
  })
}

try {
  await guide(question)
} finally {
  // What is on its way gets there, also when the agent fails.
  await provider.shutdown()
}
