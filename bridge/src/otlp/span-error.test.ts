import { expect, test } from 'vitest'
import type { SpanDetail } from './otlp-span.ts'
import { errorOf } from './span-error.ts'

const OK = { code: 1, message: '' }
const FAILED = { code: 2, message: 'no answer' }
const EXCEPTION = {
  name: 'exception',
  timeMs: 0,
  attributes: { 'exception.type': 'TypeError', 'exception.message': 'no' },
}

function detail(over: Partial<SpanDetail>): SpanDetail {
  const nothing = { name: 'x', kind: 1, durationMs: 1, attributes: {}, events: [], scope: 's' }
  return { ...nothing, status: OK, ...over }
}

test('an error is told by the last exception, else by the status', () => {
  expect(errorOf(detail({ status: FAILED, events: [EXCEPTION] }))).toMatchObject({
    type: 'TypeError',
    message: 'no',
  })
  expect(errorOf(detail({ status: FAILED }))).toMatchObject({ message: 'no answer' })
})

test('an exception that was handled is no error, but of LangSmith, which calls every run fine', () => {
  const attributes = { 'langsmith.span.kind': 'tool' }

  expect(errorOf(detail({ events: [EXCEPTION] }))).toBeUndefined()
  expect(errorOf(detail({ events: [EXCEPTION], attributes }))).toMatchObject({ message: 'no' })
  expect(errorOf(detail({ attributes }))).toBeUndefined()
})

test('an error that OpenInference has copied to a span of the AI SDK is not that span’s', () => {
  const attributes = { 'ai.operationId': 'ai.toolCall', 'openinference.span.kind': 'TOOL' }

  expect(errorOf(detail({ status: FAILED, attributes }))).toBeUndefined()
  expect(errorOf(detail({ status: FAILED, attributes, events: [EXCEPTION] }))).toMatchObject({
    message: 'no',
  })
  const newer = detail({ status: FAILED, attributes: { 'openinference.span.kind': 'TOOL' } })
  expect(errorOf({ ...newer, scope: 'gen_ai' })).toBeUndefined()
  expect(errorOf(newer)).toMatchObject({ message: 'no answer' })
})
