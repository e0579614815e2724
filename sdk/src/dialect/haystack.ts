import type { Dialect, Findings, Recognised, SpanFacts, SpanRole } from './span-facts.ts'
import { detailsOfAnswer } from './usage-details.ts'
import { fieldsOf, structureOf, textOf } from './values.ts'
import { wholeUsage } from './whole-usage.ts'

// https://docs.haystack.deepset.ai/docs/tracing; content only with HAYSTACK_CONTENT_TRACING_ENABLED
const COMPONENT = 'haystack.component.'
const AGENT = 'haystack.agent.'
const PIPELINE = 'haystack.pipeline.'

type Attributes = SpanFacts['attributes']

/** Haystack's own tracing, whichever tracer it is given. */
export const haystack: Dialect = {
  keys: ['haystack.'],

  recognise({ name, attributes: a }): Recognised | undefined {
    switch (name) {
      case 'haystack.pipeline.run':
      case 'haystack.async_pipeline.run':
        return told('workflow', 'pipeline', structureOf(a[`${PIPELINE}input_data`]))
      case 'haystack.agent.run':
        return told('agent', 'agent', structureOf(a[`${AGENT}input`]))
      case 'haystack.component.run':
        return component(a)
      default:
        return undefined
    }
  },

  conclude({ attributes: a }, role): Findings {
    const output = structureOf(
      a[`${COMPONENT}output`] ?? a[`${AGENT}output`] ?? a[`${PIPELINE}output_data`],
    )
    if (role === 'tool') return { output: structureOf(onlyResult(a)?.result) }
    if (role !== 'llm') return { output }
    const usage = fieldsOf(replyOf(a)?.usage)
    return {
      output: fieldsOf(output)?.replies ?? output,
      usage: wholeUsage({
        inputTokens: usage?.prompt_tokens ?? usage?.input_tokens,
        outputTokens: usage?.completion_tokens ?? usage?.output_tokens,
        totalTokens: usage?.total_tokens,
        ...detailsOfAnswer(usage),
      }),
    }
  },
}

function told(role: SpanRole, name: string | undefined, input: unknown): Recognised {
  return { dialect: haystack, role, name, input }
}

function component(a: Attributes): Recognised | undefined {
  const name = textOf(a[`${COMPONENT}name`])
  const type = textOf(a[`${COMPONENT}type`]) ?? ''
  const input = structureOf(a[`${COMPONENT}input`])
  if (type.endsWith('Generator')) {
    return told('llm', textOf(replyOf(a)?.model), fieldsOf(input)?.messages ?? input)
  }
  const origin = type === 'ToolInvoker' ? fieldsOf(onlyResult(a)?.origin) : undefined
  if (origin === undefined) return told('step', name, input)
  const is = told('tool', textOf(origin.tool_name), origin.arguments)
  return { ...is, toolCallId: textOf(origin.id) }
}

/** What a generator notes of its first reply. */
function replyOf(a: Attributes): Readonly<Record<string, unknown>> | undefined {
  const replies = fieldsOf(a[`${COMPONENT}output`])?.replies
  const [first] = Array.isArray(replies) ? replies : []
  return fieldsOf(fieldsOf(first)?.meta)
}

/** The result of the one tool that was invoked: where it was several, one span tells of all. */
function onlyResult(a: Attributes): Readonly<Record<string, unknown>> | undefined {
  const messages = fieldsOf(a[`${COMPONENT}output`])?.tool_messages
  const [message, more] = Array.isArray(messages) ? messages : []
  const content = fieldsOf(message)?.content
  const [part] = Array.isArray(content) ? content : []
  return more === undefined ? fieldsOf(fieldsOf(part)?.tool_call_result) : undefined
}
