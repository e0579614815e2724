import { brotliDecompressSync, gunzipSync } from 'node:zlib'
import { ObserverRegistry } from '@spancast/sdk'
import express from 'express'
import { afterEach, expect, test } from 'vitest'
import { createBridge } from '../create-bridge.ts'
import type { BridgeOptions } from '../options.ts'
import { OpenBridges } from '../testing/open-bridges.ts'
import { rawGet, rawRequest } from '../testing/raw-request.ts'

const bridges = new OpenBridges()
afterEach(() => bridges.closeAll())

async function open(options: BridgeOptions = {}): Promise<{ url: string; port: number }> {
  return bridges.open({ registry: new ObserverRegistry(), ...options })
}

/** What the page loads, by their paths. */
function loadedBy(html: string): string[] {
  return [...html.matchAll(/ (?:src|href)="(\.[^"]+)"/g)].map(([, path = '']) => path)
}

test.each(['/', '/runs/run-of-ada'])('%s is the page, and what it loads is there', async (path) => {
  const { url } = await open()

  const response = await fetch(url + path)
  const loaded = loadedBy(await response.text())
  const files = await Promise.all(loaded.map((file) => fetch(new URL(file, url + path))))

  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(loaded.length).toBeGreaterThanOrEqual(2)
  expect(files.map((file) => [file.status, file.headers.get('content-type')])).toEqual(
    expect.arrayContaining([
      [200, 'text/javascript; charset=utf-8'],
      [200, 'text/css; charset=utf-8'],
    ]),
  )
})

test('nothing but the bridge’s own files runs in it, and nothing else is called', async () => {
  const { url } = await open()

  const { headers } = await fetch(url)

  expect(headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  )
  expect(headers.get('x-content-type-options')).toBe('nosniff')
  expect(headers.get('referrer-policy')).toBe('no-referrer')
})

test('files are kept for ever, the page itself is asked for each time', async () => {
  const { url, port } = await open()
  const page = await fetch(url, { headers: { 'accept-encoding': 'identity' } })
  const [file = ''] = loadedBy(await page.text())

  const { headers } = await fetch(new URL(file, url))
  const again = await rawGet(port, '/', { 'If-None-Match': page.headers.get('etag') ?? '' })

  expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(page.headers.get('cache-control')).toBe('no-cache')
  expect(again.status).toBe(304)
})

test('each file comes in the best encoding that the browser takes', async () => {
  const { url } = await open()
  const [file = ''] = loadedBy(await (await fetch(url)).text())
  const ask = async (encoding: string): Promise<[string | null, Buffer, string | null]> => {
    const { port, pathname } = new URL(file, url)
    const response = await fetch(`http://127.0.0.1:${port}${pathname}`, {
      headers: { 'accept-encoding': encoding },
    })
    const { headers } = response
    return [
      headers.get('content-encoding'),
      Buffer.from(await response.arrayBuffer()),
      headers.get('etag'),
    ]
  }

  const [brotli, gzip, plain] = await Promise.all(['gzip, br', 'gzip', 'identity'].map(ask))

  expect([brotli?.[0], gzip?.[0], plain?.[0]]).toEqual(['br', 'gzip', null])
  // `fetch` has taken the encodings off.
  expect(brotli?.[1]).toEqual(plain?.[1])
  expect(gzip?.[1]).toEqual(plain?.[1])
  expect(new Set([brotli?.[2], gzip?.[2], plain?.[2]]).size).toBe(3)
})

test('HEAD tells what GET would, without it', async () => {
  const { url } = await open()

  const response = await fetch(url, { method: 'HEAD' })

  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toContain('text/html')
  expect(await response.text()).toBe('')
})

test.each(['/spancast-page/other.js', '/spancast-page/..%2findex.html', '/runs', '/runs/a/b'])(
  '%s is not there',
  async (path) => {
    const { url } = await open()

    expect((await fetch(url + path)).status).toBe(404)
  },
)

test('with a token it is open, since it holds nothing', async () => {
  const { url } = await open({ token: 'secret' })

  expect((await fetch(url)).status).toBe(200)
  expect((await fetch(`${url}/runs/run-of-ada`)).status).toBe(200)
})

test.each(['/', '/runs/run-of-ada', '/spancast-page/other.js'])(
  '%s is not served under a name that is not ours',
  async (path) => {
    const { port } = await open()

    const { status, json } = await rawGet(port, path, { Host: 'evil.example' })

    expect([status, json().code]).toEqual([403, 'host-not-allowed'])
  },
)

test('the page learns where Jaeger is, and nobody can write into it through that', async () => {
  const { url } = await open({ jaegerUiUrl: 'https://jaeger.example/?a="><script>&b' })

  const html = await (await fetch(url)).text()

  expect(html).toContain(
    '<meta name="spancast-jaeger-ui" content="https://jaeger.example/?a=&#34;&#62;&#60;script&#62;&#38;b" />',
  )
  expect(await (await fetch((await open()).url)).text()).not.toContain('spancast-jaeger-ui')
})

test.each(['javascript:alert(1)', 'jaeger', '/jaeger'])('%s is no Jaeger', (jaegerUiUrl) => {
  expect(() => createBridge({ jaegerUiUrl })).toThrow('Expected `jaegerUiUrl` to be a URL such as')
})

test('below a path of another app it works the same, and leaves the app what is not its own', async () => {
  const bridge = createBridge({ registry: new ObserverRegistry() })
  const app = express().use('/watch', bridge.router)
  app.post('/watch', (_req, res) => void res.send('theirs'))
  app.get('/watch/spancast-page/own.js', (_req, res) => void res.send('theirs'))
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const base = `http://127.0.0.1:${port}`

  const top = await fetch(`${base}/watch?show=all`)
  const files = loadedBy(await top.text()).map((file) => new URL(file, top.url).href)
  const below = await fetch(`${base}/watch/runs/run-of-ada/`)
  const filesBelow = loadedBy(await below.text()).map((file) => new URL(file, below.url).href)
  const theirs = await Promise.all([
    fetch(`${base}/watch`, { method: 'POST' }),
    fetch(`${base}/watch/spancast-page/own.js`),
  ])

  expect(top.url).toBe(`${base}/watch/?show=all`)
  expect(below.url).toBe(`${base}/watch/runs/run-of-ada`)
  expect(files).toEqual(filesBelow)
  for (const file of files) expect((await fetch(file)).status).toBe(200)
  for (const response of theirs) expect(await response.text()).toBe('theirs')
  server.close()
  server.closeAllConnections()
  await bridge.close()
})

test('an encoding that is compressed is really compressed so', async () => {
  const { port } = await open()
  const ask = async (encoding: string): Promise<Buffer> => {
    const lines = ['GET / HTTP/1.0', 'Host: localhost', `Accept-Encoding: ${encoding}`]
    const { body } = await rawRequest(port, lines, { encoding: 'latin1' })
    return Buffer.from(body, 'latin1')
  }

  expect(brotliDecompressSync(await ask('br')).toString()).toContain('<title>')
  expect(gunzipSync(await ask('gzip')).toString()).toContain('<title>')
})
