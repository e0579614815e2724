import { createContextKey, ROOT_CONTEXT, trace } from '@opentelemetry/api'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LayeredContext } from './layered-context.ts'

const KEYS = ['a', 'b', 'c', 'd'].map((name) => createContextKey(name))

test('whatever is set and deleted, it says what OpenTelemetry’s own context says', () => {
  const step = fc.record({
    key: fc.constantFrom(...KEYS),
    value: fc.option(fc.nat(3), { nil: undefined }),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const [first = createContextKey('first')] = KEYS
      let layered = new LayeredContext(ROOT_CONTEXT, first, 'base') as typeof ROOT_CONTEXT
      let plain = ROOT_CONTEXT.setValue(first, 'base')
      for (const { key, value } of steps) {
        const before = layered
        const shown = KEYS.map((one) => before.getValue(one))

        layered = value === undefined ? layered.deleteValue(key) : layered.setValue(key, value)
        plain = value === undefined ? plain.deleteValue(key) : plain.setValue(key, value)

        expect(KEYS.map((one) => layered.getValue(one))).toEqual(
          KEYS.map((one) => plain.getValue(one)),
        )
        // A context never changes: whoever holds the one before sees what it saw.
        expect(KEYS.map((one) => before.getValue(one))).toEqual(shown)
      }
    }),
  )
})

test('carries a span as any context does', () => {
  const span = trace.wrapSpanContext({
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    traceFlags: 1,
  })
  const [key = createContextKey('k')] = KEYS

  const layered = trace.setSpan(new LayeredContext(ROOT_CONTEXT, key, 1), span)

  expect(trace.getSpan(layered)).toBe(span)
  expect(layered.getValue(key)).toBe(1)
})
