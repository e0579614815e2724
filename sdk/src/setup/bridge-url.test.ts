import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BridgeStandIn } from '../live-link/testing/bridge-stand-in.ts'
import { start } from './start.ts'

const SDK = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href)
const PROGRAM = `
  const { start } = await import(${SDK('./start.ts')})
  const { observe } = await import(${SDK('../observe/observe.ts')})
  const { observeRun } = await import(${SDK('../observe/observe-run.ts')})
  const started = start(JSON.parse(process.env.OPTIONS))
  await observeRun({ name: 'trip', randomId: 'run-00001' }, () => observe(() => 'ok', { name: 'planner' })())
  const done = process.uptime()
  process.on('exit', () => console.log(JSON.stringify({
    exitMs: (process.uptime() - done) * 1000, link: started.link,
  })))
`

let bridge: BridgeStandIn

beforeEach(async () => {
  bridge = await BridgeStandIn.open()
})
afterEach(async () => {
  await bridge.close()
})

interface Ran {
  readonly stderr: string
  readonly exitMs: number
  readonly link?: { sentEvents: number; lostEvents: number; lostChunks: number }
}

/** A program that does its work and comes to its end. */
async function run(
  options: Record<string, unknown>,
  env: Record<string, string> = {},
): Promise<Ran> {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', PROGRAM], {
    cwd: new URL('../..', import.meta.url),
    env: { PATH: process.env.PATH, OPTIONS: JSON.stringify(options), ...env },
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', (data) => {
    stdout += data
  })
  child.stderr.on('data', (data) => {
    stderr += data
  })
  await new Promise((resolve) => child.on('close', resolve))
  try {
    return { stderr, ...JSON.parse(stdout) }
  } catch {
    throw new Error(`the program failed: ${stderr}`)
  }
}

const paths = (of: BridgeStandIn): Set<string> => new Set(of.requests.map(({ url }) => url))

describe('with a bridge', () => {
  test('a program that comes to its end has sent its events and its spans there', async () => {
    const { exitMs, link, stderr } = await run({
      bridgeUrl: bridge.base,
      bridgeToken: 'let-me-in',
      serviceName: 'shop',
    })

    expect(bridge.records.map(({ eventName }) => eventName)).toEqual([
      'run.start',
      'agent.start',
      'agent.end',
      'run.end',
    ])
    expect(link).toEqual({ sentEvents: 4, lostEvents: 0, lostChunks: 0 })
    expect(paths(bridge)).toEqual(new Set(['/v1/logs', '/v1/traces']))
    for (const { headers, body } of bridge.requests) {
      expect(headers.authorization).toBe('Bearer let-me-in')
      expect(body).toContain('"stringValue":"shop"')
    }
    expect(stderr).toBe('')
    // The connection to the bridge is still open, and holds nobody.
    expect(exitMs).toBeLessThan(2000)
  })

  test('the environment says the same', async () => {
    await run(
      {},
      {
        SPANCAST_BRIDGE_URL: `${bridge.base}/under/here/`,
        SPANCAST_INGEST_TOKEN: 'from-env',
        SPANCAST_MAX_LINK_EVENTS: '100',
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
      },
    )

    expect(paths(bridge)).toEqual(new Set(['/under/here/v1/logs', '/under/here/v1/traces']))
    expect(bridge.requests.map(({ headers }) => headers.authorization)).toContain('Bearer from-env')
  })

  test('and another receiver, spans go to both and the token to one', async () => {
    const jaeger = await BridgeStandIn.open()
    await run({ bridgeUrl: bridge.base, bridgeToken: 'secret', otlpUrl: jaeger.base })

    expect(paths(jaeger)).toEqual(new Set(['/v1/traces']))
    expect(paths(bridge)).toEqual(new Set(['/v1/logs', '/v1/traces']))
    expect(jaeger.requests.every(({ headers }) => headers.authorization === undefined)).toBe(true)
    await jaeger.close()
  })

  test('that is named twice, it gets each span once', async () => {
    await run({ bridgeUrl: bridge.base, otlpUrl: `${bridge.base}/` })

    expect(bridge.requests.filter(({ url }) => url === '/v1/traces')).toHaveLength(1)
  })

  test('that is not there, a program ends as it would without, and says so once', async () => {
    await bridge.close()
    const { exitMs, link, stderr } = await run({ bridgeUrl: bridge.base })
    await bridge.listen()

    expect(exitMs).toBeLessThan(3000)
    expect(link).toEqual({ sentEvents: 0, lostEvents: 0, lostChunks: 0 })
    expect(stderr.match(/SPANCAST_BRIDGE_AWAY/g)).toHaveLength(1)
  })

  test('that never answers, a program ends within the two seconds of a flush', async () => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo

    const { exitMs } = await run({ bridgeUrl: `http://127.0.0.1:${port}` })

    expect(exitMs).toBeGreaterThan(1000)
    expect(exitMs).toBeLessThan(4000)
    silent.closeAllConnections()
    silent.close()
  })
})

test.each(['localhost:4319', 'ftp://bridge', ''])(
  'a bridgeUrl that is %j is refused before anything is set up',
  (bridgeUrl) => {
    expect(() => start({ bridgeUrl })).toThrow(
      `Expected \`bridgeUrl\` to be the base URL of a Spancast bridge, such as http://localhost:4319, got ${bridgeUrl}.`,
    )
  },
)

test('a token that no header can carry is refused, and not shown', () => {
  const options = { bridgeUrl: 'http://localhost:4319', bridgeToken: 'top\nsecret' }

  expect(() => start(options)).toThrow('Expected `bridgeToken` to be text')
  expect(() => start(options)).not.toThrow('secret')
})
