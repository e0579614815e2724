import { expect, test } from 'vitest'
import { BRIDGE_ERROR_CODES, BridgeError, createBridge } from './index.ts'

test('public names', async () => {
  expect(Object.keys(await import('./index.ts')).sort()).toEqual([
    'BRIDGE_ERROR_CODES',
    'BridgeError',
    'createBridge',
    'redisStore',
  ])
})

test('a bridge that is made has these four, and holds no process open', () => {
  expect(Object.keys(createBridge()).sort()).toEqual(['close', 'listen', 'router', 'streamToken'])
})

test('the codes and their statuses are the published ones', () => {
  const statuses = BRIDGE_ERROR_CODES.map((code) => `${new BridgeError(code, '').status} ${code}`)

  expect(statuses).toMatchInlineSnapshot(`
    [
      "400 invalid-http",
      "400 invalid-json",
      "400 invalid-request",
      "400 invalid-random-id",
      "400 invalid-namespace",
      "400 invalid-since",
      "400 invalid-wait",
      "400 invalid-limit",
      "400 invalid-cursor",
      "400 invalid-status",
      "400 unknown-format",
      "401 unauthorized",
      "401 token-expired",
      "403 loopback-only",
      "403 host-not-allowed",
      "403 origin-not-allowed",
      "404 not-found",
      "404 run-not-found",
      "404 workflow-not-found",
      "405 method-not-allowed",
      "408 request-timeout",
      "409 run-exists",
      "409 not-cancellable",
      "410 run-gone",
      "413 body-too-large",
      "415 unsupported-media-type",
      "429 too-many-streams",
      "429 too-many-invokes",
      "431 headers-too-large",
      "500 workflow-failed",
      "500 result-not-json",
      "500 internal-error",
      "503 page-not-built",
      "503 closing",
      "503 store-away",
    ]
  `)
})
