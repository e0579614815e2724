import { expect, test } from 'vitest'

test('the SDK offers these names, and no others', async () => {
  expect(Object.keys(await import('@spancast/sdk')).sort()).toMatchInlineSnapshot(`
    [
      "AgentEventProcessor",
      "AgentObserver",
      "EventStreamer",
      "ObserverRegistry",
      "SECRET_KEYS",
      "SpancastError",
      "configure",
      "createRandomId",
      "emit",
      "emitAgentEnd",
      "emitAgentError",
      "emitAgentStart",
      "emitAgentToolEnd",
      "emitAgentToolStart",
      "emitChunk",
      "emitProgress",
      "getObservationContext",
      "liveSampler",
      "observe",
      "observeRun",
      "recordCost",
      "recordUsage",
      "withObservationContext",
    ]
  `)
})

test('the setup entry offers these names, and no others', async () => {
  expect(Object.keys(await import('@spancast/sdk/setup')).sort()).toMatchInlineSnapshot(`
    [
      "PriceUpdates",
      "start",
    ]
  `)
})

test('the client entry offers these names, and no others', async () => {
  expect(Object.keys(await import('@spancast/sdk/client')).sort()).toMatchInlineSnapshot(`
    [
      "AuthError",
      "ClientError",
      "GapError",
      "HttpError",
      "MAX_LOG",
      "MAX_SPANS",
      "MAX_TEXT",
      "ProtocolError",
      "RunExpiredError",
      "RunNotFoundError",
      "StreamLostError",
      "UnreachableError",
      "createClient",
      "initialState",
      "isOver",
      "missingIn",
      "ownText",
      "reduce",
      "runText",
      "spanStatus",
      "walk",
      "watchRun",
      "watchRuns",
    ]
  `)
})

test('the React entry offers these names, and no others', async () => {
  expect(Object.keys(await import('@spancast/sdk/react')).sort()).toMatchInlineSnapshot(`
    [
      "SpancastProvider",
      "useRun",
      "useRuns",
    ]
  `)
})

test('the bridge offers these names, and no others', async () => {
  expect(Object.keys(await import('@spancast/bridge')).sort()).toMatchInlineSnapshot(`
    [
      "BRIDGE_ERROR_CODES",
      "BridgeError",
      "createBridge",
      "redisStore",
    ]
  `)
})

test('the SDK has no dependency, and one peer that is not optional', async () => {
  const { default: sdk } = await import('../sdk/package.json', { with: { type: 'json' } })
  const optional = Object.keys(sdk.peerDependenciesMeta)

  expect(Object.keys(sdk)).not.toContain('dependencies')
  expect(Object.keys(sdk.peerDependencies).filter((name) => !optional.includes(name))).toEqual([
    '@opentelemetry/api',
  ])
})

test('spans say the version that the package has', async () => {
  const { default: sdk } = await import('../sdk/package.json', { with: { type: 'json' } })
  const { SCOPE_NAME, SCOPE_VERSION } = await import('../sdk/src/version.ts')

  expect([SCOPE_NAME, SCOPE_VERSION]).toEqual([sdk.name, sdk.version])
})
