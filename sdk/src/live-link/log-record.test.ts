import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { CustomEvent } from '../event/agent-event.ts'
import { eventRecord, requestFrame, runAttributes } from './log-record.ts'

const EVENT: CustomEvent = {
  type: 'agent.event',
  seq: 1,
  randomId: 'run-00001',
  nodeId: 'n',
  timestamp: 0,
  traceId: '0'.repeat(32),
  spanId: '0'.repeat(16),
  name: 'e',
  content: null,
}

test('whatever an event holds, its record is JSON that gives it back', () => {
  const text = fc.string({ unit: 'binary' })
  fc.assert(
    fc.property(text, text, fc.jsonValue(), (name, service, content) => {
      const json = JSON.stringify({ ...EVENT, name, content })

      const record = eventRecord(runAttributes('run-00001', 'source'), 7, EVENT, json)
      const { start, end } = requestFrame(service)
      const request = JSON.parse(`${start}${record},${record}${end}`)

      const [resource] = request.resourceLogs
      expect(resource.resource.attributes[0].value.stringValue).toBe(service)
      const attributes = resource.scopeLogs[0].logRecords[1].attributes as Attribute[]
      const event = attributes.find(({ key }) => key === 'spancast.event')
      expect(event?.value.stringValue).toBe(json)
    }),
  )
})

test.each([
  [1_700_000_000_123, '1700000000123000000'],
  [1_700_000_000_123.5, '1700000000123500000'],
  [1000.999_999_9, '1000999999'],
  [0, '0'],
  [-5, '0'],
  [Number.NaN, '0'],
])('the time %d ms is %s ns', (timestamp, nanos) => {
  const record = JSON.parse(eventRecord('{}', 1, { ...EVENT, timestamp }, '{}'))

  expect(record.timeUnixNano).toBe(nanos)
})

interface Attribute {
  readonly key: string
  readonly value: { readonly stringValue?: string }
}
