import { ObserverRegistry } from '@spancast/sdk'
import { afterEach, expect, test } from 'vitest'
import type { BridgeOptions } from '../options.ts'
import { makeSpan, traceRequest } from '../otlp/testing/make-spans.ts'
import { OpenBridges } from '../testing/open-bridges.ts'

const TRACE = 'c'.repeat(32)
const bridges = new OpenBridges()
afterEach(() => bridges.closeAll())

/** What the run costs of which these spans arrive. */
async function costOf(options: BridgeOptions, ...attributes: object[]): Promise<unknown> {
  const { url } = await bridges.open({ registry: new ObserverRegistry(), ...options })
  const spans = attributes.map((own) =>
    makeSpan({
      traceId: TRACE,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o',
        'gen_ai.usage.input_tokens': 1000,
        'gen_ai.usage.cache_read.input_tokens': 400,
        'gen_ai.usage.output_tokens': 100,
        ...own,
      },
    }),
  )
  const headers = { 'Content-Type': 'application/x-protobuf' }
  await fetch(`${url}/v1/traces`, {
    method: 'POST',
    headers,
    body: traceRequest('protobuf', spans),
  })
  const summary = await fetch(`${url}/api/agents/${TRACE}`)
  const { cost, unpricedCalls } = (await summary.json()) as Record<string, unknown>
  return { cost, unpricedCalls }
}

const LISTED = (600 * 2.5 + 400 * 1.25 + 100 * 10) / 1e6

test('model calls that arrive over OTLP have the price that the list says', async () => {
  const unheard = { 'gen_ai.request.model': 'mock-model-1' }

  expect(await costOf({}, {}, unheard)).toEqual({
    cost: expect.closeTo(LISTED, 12),
    unpricedCalls: 1,
  })
})

test('a function wins over the list, and a cost that the span carries over both', async () => {
  expect(await costOf({ prices: () => 7 }, {}, { 'spancast.cost.usd': 0.25 })).toEqual({
    cost: 7.25,
    unpricedCalls: 0,
  })
})

test('`prices: false` leaves them without one', async () => {
  expect(await costOf({ prices: false }, {})).toEqual({ cost: null, unpricedCalls: 1 })
})
