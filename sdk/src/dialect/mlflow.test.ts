import { describe, expect, test } from 'vitest'
import { type Attributes, see } from './testing/see.ts'

const SCOPE = 'mlflow.tracing.provider'

function span(name: string, type: string, more: Attributes = {}, root = false) {
  return see(SCOPE, name, { 'mlflow.spanType': JSON.stringify(type), ...more }, root)
}

test.each([
  ['AGENT', 'agent'],
  ['TOOL', 'tool'],
  ['WORKFLOW', 'workflow'],
  ['TASK', 'step'],
  ['CHAIN', 'step'],
])('what it calls %s is a %s with the span’s name', (type, role) => {
  expect(span('guide', type)).toMatchObject({ role, name: 'guide' })
})

test.each(['RETRIEVER', 'EMBEDDING', 'PARSER', 'UNKNOWN'])('%s is nothing to be told', (type) => {
  expect(span('x', type)).toBeUndefined()
})

test('a tool has its arguments and its result', () => {
  const tool = {
    'mlflow.spanInputs': '{"city":"Lima"}',
    'mlflow.spanOutputs': '{"temperature":21}',
  }

  expect(span('get_weather', 'TOOL', tool)).toMatchObject({
    input: { city: 'Lima' },
    output: { temperature: 21 },
  })
})

describe('a model call', () => {
  const call = {
    'mlflow.spanInputs': '{"model":"gpt-5-mini","messages":[]}',
    'mlflow.llm.model': '"gpt-5-mini-2026"',
    'mlflow.chat.tokenUsage':
      '{"input_tokens":120,"output_tokens":30,"total_tokens":150,"cache_read_input_tokens":64}',
    'mlflow.spanOutputs': '{"usage":{"completion_tokens_details":{"reasoning_tokens":12}}}',
  }

  test('has the answering model, and usage with the details of the answer', () => {
    expect(span('Completions', 'CHAT_MODEL', call)).toMatchObject({
      role: 'llm',
      name: 'gpt-5-mini-2026',
      usage: {
        inputTokens: 120,
        outputTokens: 30,
        totalTokens: 150,
        cacheReadTokens: 64,
        reasoningTokens: 12,
      },
    })
  })

  test('has the model that it asked for when it has failed', () => {
    const failed = { 'mlflow.spanInputs': call['mlflow.spanInputs'] }

    expect(span('Completions', 'CHAT_MODEL', failed)).toMatchObject({
      role: 'llm',
      name: 'gpt-5-mini',
      usage: undefined,
    })
  })
})
