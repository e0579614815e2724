import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { genaiPackage } from './genai-package.ts'
import { genaiPrices } from './genai-prices.ts'
import { type PriceUpdateOptions, PriceUpdates } from './price-updates.ts'

let server: Server | undefined
let updates: PriceUpdates | undefined

afterEach(() => {
  updates?.stop()
  server?.closeAllConnections()
  server?.close()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const data = (dollars: number) => [
  {
    id: 'acme',
    name: 'Acme',
    api_pattern: 'https://acme\\.example',
    models: [{ id: 'anvil-1', match: { equals: 'anvil-1' }, prices: { input_mtok: dollars } }],
  },
]

async function serve(listener: RequestListener): Promise<string> {
  const listening = createServer(listener)
  server = listening
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve))
  // A listening TCP server has an address.
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}/data.json`
}

function millionTokens(): number | null | undefined {
  const usage = { inputTokens: 1e6, outputTokens: 0, totalTokens: 1e6 }
  return genaiPrices(usage, { model: 'anvil-1', provider: 'acme', timestamp: Date.now() })
}

test('newer prices hold from the moment in which they have come', async () => {
  const url = await serve((_, response) => response.end(JSON.stringify(data(3))))
  expect(millionTokens()).toBeNull()

  updates = new PriceUpdates({ url })
  await updates.first

  expect(millionTokens()).toBe(3)
})

test('they are fetched again and again, until it is stopped', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  let dollars = 3
  let answered = () => {}
  const url = await serve((_, response) => {
    dollars++
    response.end(JSON.stringify(data(dollars)))
    answered()
  })
  updates = new PriceUpdates({ url, everyMs: 60_000 })
  await updates.first

  vi.advanceTimersByTime(60_000)
  await vi.waitFor(() => expect(millionTokens()).toBe(5))
  updates.stop()
  answered = () => expect.unreachable()
  vi.advanceTimersByTime(600_000)

  expect(vi.getTimerCount()).toBe(0)
})

test.each<[string, RequestListener]>([
  ['an error', (_, response) => response.writeHead(500).end('no')],
  ['no JSON', (_, response) => response.end('<html>')],
  ['no list', (_, response) => response.end('{}')],
  ['a list of something else', (_, response) => response.end('[1]')],
])('%s leaves the prices as they are', async (_, listener) => {
  vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  const first = new PriceUpdates({
    url: await serve((_, response) => response.end(JSON.stringify(data(9)))),
  })
  await first.first
  server?.close()

  updates = new PriceUpdates({ url: await serve(listener) })
  await updates.first

  expect(millionTokens()).toBe(9)
})

test.each<[PriceUpdateOptions, RegExp]>([
  [{ everyMs: 59_999 }, /`priceUpdateMs` to be milliseconds, .* from 60000 .*, got 59999/],
  [{ everyMs: 2_147_483_648 }, /to 2147483647, got 2147483648/],
  [{ url: 'file:///etc/passwd' }, /`priceDataUrl` to be a URL .*, got file/],
])('options %o are refused', (options, message) => {
  expect(() => new PriceUpdates(options)).toThrow(message)
})

test('the newest prices of the project come from its own address', () => {
  expect(genaiPackage()?.REMOTE_DATA_JSON_URL).toMatch(/^https:\/\/.*genai-prices.*\.json$/)
})
