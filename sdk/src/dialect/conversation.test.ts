import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRandomId } from '../observer/random-id.ts'
import { conversationRunId, conversationRunOf } from '../run/conversation.ts'
import { classify } from './classify.ts'
import { conversationOf } from './conversation.ts'

function conversationIn(attributes: Readonly<Record<string, unknown>>, scope = 'test') {
  const facts = { name: 'span', scope, attributes }
  const is = classify(facts)
  if (is === undefined) throw new Error('not recognised')
  return conversationOf(facts, is.dialect)
}

const OI = { 'openinference.span.kind': 'AGENT' }
const AGENT = { 'gen_ai.operation.name': 'invoke_agent' }

describe('the conversation of a span', () => {
  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['the GenAI conventions', { ...AGENT, 'gen_ai.conversation.id': 'c-1' }],
    ['AI SDK 7’s own context', { ...AGENT, 'ai.settings.context.sessionId': 'c-1' }],
    ['AI SDK 6', { 'ai.operationId': 'ai.streamText', 'ai.telemetry.metadata.threadId': 'c-1' }],
    ['OpenInference', { ...OI, 'session.id': 'c-1' }],
    ['LangGraph by OpenInference', { ...OI, metadata: '{"thread_id":"c-1","langgraph_step":1}' }],
    [
      'OpenLLMetry',
      {
        'traceloop.span.kind': 'workflow',
        'traceloop.entity.name': 'w',
        'traceloop.association.properties.session_id': 'c-1',
      },
    ],
    ['Mastra', { 'mastra.span.type': 'agent_run', 'mastra.metadata.threadId': 'c-1' }],
    ['Langfuse', { 'langfuse.observation.type': 'agent', 'session.id': 'c-1' }],
    ['Langfuse', { 'langfuse.observation.type': 'agent', 'langfuse.session.id': 'c-1' }],
    ['LangSmith', { 'langsmith.span.kind': 'llm', 'langsmith.metadata.thread_id': 'c-1' }],
    [
      'Logfire',
      { 'logfire.msg_template': 'OpenAI Agents trace: {name}', name: 'w', group_id: 'c-1' },
    ],
    ['any dialect beside its own words', { ...OI, 'gen_ai.conversation.id': 'c-1' }],
    ['a session of OpenTelemetry', { ...AGENT, 'session.id': 'c-1' }],
  ])('is read in the words of %s', (_, attributes) => {
    expect(conversationIn(attributes)).toBe('c-1')
  })

  test('may be a number, and nothing else than that and text', () => {
    expect(conversationIn({ ...AGENT, 'gen_ai.conversation.id': 42 })).toBe('42')
    for (const value of ['', null, {}, ['c-1'], Number.NaN, true]) {
      expect(conversationIn({ ...AGENT, 'gen_ai.conversation.id': value })).toBeUndefined()
    }
  })

  test('is no project, though LangSmith calls that a session', () => {
    const attributes = { 'langsmith.span.kind': 'llm', 'langsmith.trace.session_id': 'project' }

    expect(conversationIn(attributes)).toBeUndefined()
  })
})

describe('the run that a conversation is', () => {
  test('has its id if that can name a run, else a hash of it, which always can', () => {
    expect(conversationRunId('thread_4711')).toBe('thread_4711')
    expect(conversationRunId('42')).toBe('conv_73475cb40a568e8da8a045ced110137e')
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (a, b) => {
        expect(isRandomId(conversationRunId(a))).toBe(true)
        expect(conversationRunId(a) === conversationRunId(b)).toBe(a === b)
      }),
    )
  })

  test('is none where the span names no conversation', () => {
    const facts = { name: 'span', scope: 'test', attributes: AGENT }
    const is = classify(facts)

    expect(is && conversationRunOf(facts, is.dialect)).toBeUndefined()
  })
})
