import { ObserverRegistry } from '@spancast/sdk'
import { describe, expect, test } from 'vitest'
import { createBridge } from '../create-bridge.ts'
import type { BridgeOptions } from '../options.ts'
import { MemoryStore } from '../store/memory.ts'
import { configFromEnv } from './config-from-env.ts'
import { readConfig } from './read-config.ts'

test('the defaults are those of the documentation', () => {
  const { registry, store, workflows, prices, ...config } = readConfig({})

  expect([registry, store, workflows.size]).toEqual([undefined, undefined, 0])
  expect(prices).toHaveLength(1)
  expect(config).toEqual({
    host: '127.0.0.1',
    port: 4319,
    token: undefined,
    ingestToken: undefined,
    upstreamUrl: undefined,
    upstreamHeaders: undefined,
    spool: undefined,
    streamAuth: 'token',
    insecure: false,
    corsOrigins: [],
    allowedHosts: [],
    trustProxy: undefined,
    runBy: 'trace',
    priceUpdateMs: undefined,
    redisCluster: false,
    redisPrefix: 'spancast',
    redisUrl: undefined,
    priceDataUrl: undefined,
    ringLimits: {},
    limits: {
      maxStreamMs: 300_000,
      heartbeatMs: 15_000,
      waitMs: 10_000,
      maxReaderBytes: 1_048_576,
      maxReaderLagMs: 30_000,
      maxStreams: 10_000,
      maxStreamsPerClient: 100,
      maxInvokeBytes: 1_048_576,
      maxInvokes: 100,
      bodyTimeoutMs: 30_000,
      maxOtlpBytes: 64 * 1024 * 1024,
      maxIngestBytes: 256 * 1024 * 1024,
      maxQueueBytes: 64 * 1024 * 1024,
    },
  })
})

describe('an option that is not as expected is refused, by name', () => {
  test.each<[string, unknown, string]>([
    ['host', '', 'Expected `host` to be a host name'],
    ['host', 'http://localhost', 'Expected `host` to be a host name'],
    ['port', '80', "Expected `port` to be a whole number from 0 to 65535, got '80'."],
    ['port', 65_536, 'got 65536.'],
    [
      'token',
      '',
      'Expected `token` to be visible ASCII characters without spaces, at least one, got an empty one.',
    ],
    ['token', 'two words', 'got another value.'],
    ['streamAuth', 'none', "Expected `streamAuth` to be 'token' or 'id', got 'none'."],
    ['insecure', 'yes', "Expected `insecure` to be true or false, got 'yes'."],
    ['corsOrigins', 'https://a.example', 'Expected `corsOrigins` to be a list'],
    ['corsOrigins', ['*'], 'got [*].'],
    ['allowedHosts', ['http://a.example'], 'Expected `allowedHosts` to be a list'],
    ['allowedHosts', ['a.example:80'], 'Expected `allowedHosts` to be a list'],
    ['trustProxy', -1, 'Expected `trustProxy` to be true, false, a number of hops'],
    ['runBy', 'user', "Expected `runBy` to be 'trace' or 'conversation', got 'user'."],
    ['prices', { 'gpt-4o': 1 }, 'Expected `prices` to be a function'],
    ['priceUpdateMs', 59_999, 'Expected `priceUpdateMs` to be milliseconds'],
    ['priceDataUrl', 'data.json', 'Expected `priceDataUrl` to be a URL'],
    ['workflows', { x: 3 }, 'Expected `workflows.x` to be a function'],
    ['workflows', { x: null }, 'got null.'],
    ['workflows', { x: { run: 'y' } }, 'Expected `workflows.x`'],
    ['workflows', { x: { run() {}, description: 3 } }, 'Expected `workflows.x.description`'],
    ['limits', { maxStreams: 0 }, 'Expected `maxStreams` to be a whole number from 1 up, got 0.'],
    [
      'limits',
      { waitMs: 60_001 },
      'Expected `waitMs` to be milliseconds, a whole number from 0 to 60000',
    ],
    ['limits', { heartbeatMs: 2 ** 31 }, 'Expected `heartbeatMs`'],
    ['limits', { maxEvents: 0 }, 'Expected `maxEvents` to be a whole number from 1 up, got 0.'],
    ['limits', { maxEvent: 10 }, 'Expected a limit to be one of'],
    ['prot', 80, 'Expected an option to be one of'],
  ])('%s: %j', (name, value, message) => {
    expect(() => createBridge({ [name]: value } as BridgeOptions)).toThrow(
      expect.objectContaining({
        code: 'invalid-option',
        message: expect.stringContaining(message),
      }),
    )
  })

  test('a registry beside a store', () => {
    const registry = new ObserverRegistry()
    const store = new MemoryStore(registry)

    expect(() => createBridge({ registry, store })).toThrow(
      'Expected `registry` or `store`, got both',
    )
  })
})

describe('limits of the ring', () => {
  test('beside a registry or a store are refused: they belong there', () => {
    const registry = new ObserverRegistry()
    const limits = { maxEvents: 5 }

    expect(() => createBridge({ registry, limits })).toThrow('to be given to the registry')
    expect(() => createBridge({ store: new MemoryStore(registry), limits })).toThrow('to the store')
    expect(registry.limits.maxEvents).toBe(1000)
  })

  test('given alone hold for the shared registry, and leave what start() has set', () => {
    const registry = ObserverRegistry.getInstance()
    registry.setLimits({ maxChunks: 7 })

    createBridge({ limits: { maxEvents: 5, heartbeatMs: 100 } })

    expect(registry.limits).toMatchObject({ maxEvents: 5, maxChunks: 7, maxRuns: 10_000 })
    registry.setLimits({})
  })

  test('are refused once there are runs', () => {
    const observer = ObserverRegistry.getInstance().create()

    expect(() => createBridge({ limits: { maxEvents: 5 } })).toThrow('before the first run')
    expect(() => createBridge({ limits: { heartbeatMs: 5 } })).not.toThrow()
    observer.dispose()
  })
})

describe('environment variables', () => {
  test('give every option and every limit', () => {
    const options = configFromEnv({
      SPANCAST_HOST: '0.0.0.0',
      SPANCAST_PORT: '8080',
      SPANCAST_TOKEN: 'secret',
      SPANCAST_STREAM_AUTH: 'id',
      SPANCAST_INSECURE: 'true',
      SPANCAST_CORS_ORIGINS: 'https://a.example, https://b.example',
      SPANCAST_ALLOWED_HOSTS: 'a.example,.b.example',
      SPANCAST_TRUST_PROXY: '1',
      SPANCAST_RUN_BY: 'conversation',
      SPANCAST_PRICE_UPDATE_MS: '3600000',
      SPANCAST_MAX_STREAMS_PER_CLIENT: '3',
      SPANCAST_WAIT_MS: '0',
      SPANCAST_MAX_EVENTS: '50',
      SPANCAST_MAX_INVOKE_BYTES: '',
      PATH: '/bin',
    })

    expect(options).toEqual({
      host: '0.0.0.0',
      port: 8080,
      token: 'secret',
      streamAuth: 'id',
      insecure: true,
      corsOrigins: ['https://a.example', 'https://b.example'],
      allowedHosts: ['a.example', '.b.example'],
      trustProxy: 1,
      runBy: 'conversation',
      priceUpdateMs: 3_600_000,
      limits: { maxStreamsPerClient: 3, waitMs: 0, maxEvents: 50 },
    })
    expect(() => readConfig(options)).not.toThrow()
  })

  test.each([
    ['true', true],
    ['false', false],
    ['0', 0],
    ['2', 2],
    ['loopback, 10.0.0.0/8', ['loopback', '10.0.0.0/8']],
  ])('SPANCAST_TRUST_PROXY=%s', (text, value) => {
    expect(configFromEnv({ SPANCAST_TRUST_PROXY: text }).trustProxy).toEqual(value)
  })

  test.each([
    [
      'SPANCAST_PORT',
      'http',
      "Expected SPANCAST_PORT to be a whole number from 0 to 65535, got 'http'.",
    ],
    ['SPANCAST_INSECURE', 'maybe', 'Expected SPANCAST_INSECURE to be true or false'],
    ['SPANCAST_STREAM_AUTH', 'none', 'Expected SPANCAST_STREAM_AUTH'],
    ['SPANCAST_CORS_ORIGINS', 'https://a.example,*', 'Expected SPANCAST_CORS_ORIGINS'],
    ['SPANCAST_HEARTBEAT_MS', '15s', 'Expected SPANCAST_HEARTBEAT_MS to be milliseconds'],
    ['SPANCAST_MAX_EVENTS', '0', 'Expected SPANCAST_MAX_EVENTS to be a whole number from 1 up'],
  ])('%s=%s is refused, by name', (name, value, message) => {
    expect(() => configFromEnv({ [name]: value })).toThrow(message)
  })

  test('a token that cannot be sent is refused without being shown', () => {
    expect(() => configFromEnv({ SPANCAST_TOKEN: 'two words' })).toThrow(/got another value\.$/)
  })

  test('are not read by createBridge', () => {
    process.env.SPANCAST_PORT = 'nonsense'

    expect(() => createBridge()).not.toThrow()
    delete process.env.SPANCAST_PORT
  })
})
