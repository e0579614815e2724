import { describe, expect, test } from 'vitest'
import { type Attributes, see } from './testing/see.ts'

/** A chain as each of those that listen to LangChain for Python tells it, its metadata among its attributes. */
const LISTENERS: Record<string, (metadata: Record<string, string>) => [string, Attributes]> = {
  openinference: (metadata) => [
    'openinference.instrumentation.langchain',
    { 'openinference.span.kind': 'CHAIN', metadata: JSON.stringify(metadata) },
  ],
  langfuse: (metadata) => [
    'langfuse-sdk',
    {
      'langfuse.observation.type': 'chain',
      ...prefixed('langfuse.observation.metadata.', metadata, JSON.stringify),
    },
  ],
  langsmith: (metadata) => [
    'langsmith',
    { 'langsmith.span.kind': 'chain', ...prefixed('langsmith.metadata.', metadata, String) },
  ],
}

function prefixed(
  prefix: string,
  fields: Record<string, string>,
  write: (value: string) => string,
): Attributes {
  return Object.fromEntries(Object.entries(fields).map(([key, of]) => [prefix + key, write(of)]))
}

describe.each(Object.keys(LISTENERS))('LangChain through %s', (listener) => {
  const roleOf = (name: string, metadata: Record<string, string>, root = false) => {
    const [scope, attributes] = LISTENERS[listener]?.(metadata) ?? ['', {}]
    return see(scope, name, attributes, root)?.role
  }

  test('has agents where create_agent has made them, at the top or below', () => {
    expect(roleOf('guide', { lc_agent_name: 'guide' }, true)).toBe('agent')
    expect(roleOf('guide', { lc_agent_name: 'guide', langgraph_node: 'research' })).toBe('agent')
  })

  test('tells nothing of the nodes that such an agent is made of', () => {
    const inside = (node: string) => ({ lc_agent_name: 'guide', langgraph_node: node })

    expect(roleOf('model', inside('model'))).toBeUndefined()
    expect(roleOf('tools', inside('tools'))).toBeUndefined()
  })

  test('has graphs as workflows and their nodes as steps', () => {
    expect(roleOf('report', {}, true)).toBe('workflow')
    expect(roleOf('research', { langgraph_node: 'research' })).toBe('step')
    expect(roleOf('model', { langgraph_node: 'model' })).toBe('step')
  })
})

test.each([
  ['openinference', '{"type":"human","data":{"content":"hi"}}'],
  ['langfuse', '{"type":"human","content":"hi","additional_kwargs":{},"response_metadata":{}}'],
])('messages as %s writes them are told as a person writes them', (listener, message) => {
  const [scope, attributes] = LISTENERS[listener]?.({}) ?? ['', {}]
  const content = { 'input.value': message, 'input.mime_type': 'application/json' }
  const chain = { ...attributes, ...content, 'langfuse.observation.input': message }

  expect(see(scope, 'report', chain, true)?.input).toEqual({ role: 'user', content: 'hi' })
})

describe('Langfuse', () => {
  const [scope, chain] = LISTENERS.langfuse?.({ thread_id: 'thread-1' }) ?? ['', {}]

  test('a call that failed has no price, though it says 0', () => {
    const call = {
      ...chain,
      'langfuse.observation.type': 'generation',
      'langfuse.observation.cost_details': '{"total":0}',
    }

    expect(see(scope, 'ChatOpenAI', call)?.cost).toBeUndefined()
  })

  test('usage is told as the API told it', () => {
    const usage =
      '{"input_tokens":120,"input_tokens_details":{"cached_tokens":64},"output_tokens":30,"output_tokens_details":{"reasoning_tokens":12},"total_tokens":150}'
    const call = {
      'langfuse.observation.type': 'generation',
      'langfuse.observation.usage_details': usage,
    }

    expect(see(scope, 'OpenAI-generation', call)?.usage).toEqual({
      inputTokens: 120,
      outputTokens: 30,
      totalTokens: 150,
      cacheReadTokens: 64,
      reasoningTokens: 12,
    })
  })

  test('a tool of Python has the arguments that it was called with', () => {
    const tool = {
      'langfuse.observation.type': 'tool',
      'langfuse.observation.input': '{"args":["Lima"],"kwargs":{}}',
    }

    expect(see(scope, 'get_weather', tool)?.input).toBe('Lima')
  })
})

test('LangSmith’s usage has its details wherever it stands', () => {
  const call = {
    'langsmith.span.kind': 'llm',
    'gen_ai.usage.input_tokens': 120,
    'langsmith.metadata.usage_metadata':
      '{"input_tokens":120,"output_tokens":30,"total_tokens":150,"input_token_details":{"cache_read":64},"output_token_details":{"reasoning":12}}',
  }

  expect(see('langsmith', 'ChatOpenAI', call)?.usage).toMatchObject({
    cacheReadTokens: 64,
    reasoningTokens: 12,
  })
})
