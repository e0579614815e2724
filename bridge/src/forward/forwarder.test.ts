import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ManualClock } from './testing/manual-clock.ts'
import { OpenForwarders, traces } from './testing/open-forwarders.ts'
import { UpstreamServer } from './testing/upstream-server.ts'

const forwarders = new OpenForwarders()
let upstream: UpstreamServer

beforeEach(async () => {
  upstream = await UpstreamServer.open()
})
afterEach(async () => {
  await forwarders.closeAll()
  await upstream.stop()
})

describe('what is passed on', () => {
  test('is the request as it came: body, type, encoding and path', async () => {
    const body = gzipSync('spans')

    const result = await forwarders.open(`${upstream.url}/base/`).offer({
      path: '/v1/traces',
      contentType: 'application/json; charset=utf-8',
      contentEncoding: 'gzip',
      body,
    })
    await upstream.untilReceived(1)

    expect(result).toBe('accepted')
    expect(upstream.received).toMatchObject([
      {
        path: '/base/v1/traces',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'content-encoding': 'gzip',
          'content-length': String(body.length),
          via: '1.1 spancast/here',
        },
      },
    ])
    expect(upstream.received[0]?.body).toEqual(body)
  })

  test('names who passed it on before, and is recognised when it comes back', async () => {
    const forwarder = forwarders.open(upstream.url)

    await forwarder.offer({ ...traces('spans'), via: '1.1 spancast/there' })
    await upstream.untilReceived(1)

    const via = upstream.received[0]?.headers.via
    expect(via).toBe('1.1 spancast/there, 1.1 spancast/here')
    expect(forwarder.cameFromUs(via)).toBe(true)
    expect(forwarder.cameFromUs('1.1 spancast/there')).toBe(false)
  })

  test('may be empty, or of many megabytes', async () => {
    const forwarder = forwarders.open(upstream.url)

    await forwarder.offer(traces(''))
    await forwarder.offer(traces(Buffer.alloc(32 * 1024 * 1024, 7)))
    await forwarder.close({ timeoutMs: 10_000 })

    expect(upstream.received.map(({ body }) => body.length).sort()).toEqual([0, 33_554_432])
  })

  test('uses connections again', async () => {
    const forwarder = forwarders.open(upstream.url, { maxInFlight: 2 })

    for (let i = 0; i < 50; i++) await forwarder.offer(traces(`${i}`))
    await forwarder.close()

    expect(upstream.received).toHaveLength(50)
    expect(upstream.connections).toBe(2)
  })

  test('goes with the name and password of the URL', async () => {
    const url = upstream.url.replace('//', '//ada:secret@')

    await forwarders.open(url).offer(traces('spans'))
    await upstream.untilReceived(1)

    const expected = `Basic ${Buffer.from('ada:secret').toString('base64')}`
    expect(upstream.received[0]?.headers.authorization).toBe(expected)
  })
})

describe('an upstream that is away', () => {
  test('is not waited for: offers are accepted at once', async () => {
    await upstream.stop()
    const forwarder = forwarders.open(upstream.url)

    expect(await forwarder.offer(traces('spans'))).toBe('accepted')
    expect(forwarder.stats()).toMatchObject({ accepted: 1, forwarded: 0, queuedRequests: 1 })
  })

  // The time away is that of a restart; SPANCAST_LONG_TESTS makes it 30 seconds.
  const awayMs = process.env.SPANCAST_LONG_TESTS === undefined ? 2000 : 30_000

  test(`for ${awayMs} ms in the middle of 1000 requests loses none of them`, async () => {
    const forwarder = forwarders.open(upstream.url, { retryBaseMs: 20, retryCapMs: 500 })
    const sent = Array.from({ length: 1000 }, (_, i) => `request ${i}`)
    const results: string[] = []
    const offer = async (bodies: string[]): Promise<void> => {
      for (const body of bodies) results.push(await forwarder.offer(traces(body)))
    }

    await offer(sent.slice(0, 300))
    await upstream.untilReceived(100)
    await upstream.stop()
    await offer(sent.slice(300, 700))
    await new Promise((resolve) => setTimeout(resolve, awayMs))
    await upstream.start()
    await offer(sent.slice(700))
    await upstream.until(() => new Set(upstream.bodies).size === sent.length)

    expect(new Set(results)).toEqual(new Set(['accepted']))
    expect(new Set(upstream.bodies)).toEqual(new Set(sent))
    expect(await forwarder.close()).toEqual({ requests: 0, bytes: 0, spooled: false })
    expect(forwarder.stats()).toMatchObject({ accepted: 1000, forwarded: 1000, dropped: {} })
  }, 60_000)

  test('for half an hour is asked now and then, by one probe at a time', async () => {
    const clock = new ManualClock()
    const options = { clock, random: () => 0.5, retryBaseMs: 500, retryCapMs: 10_000 }
    const forwarder = forwarders.open(upstream.url, options)
    let inFlight = 0
    let most = 0
    upstream.answer = (res) => {
      most = Math.max(most, ++inFlight)
      res.on('close', () => inFlight--)
      res.writeHead(503).end()
    }
    for (let i = 0; i < 20; i++) await forwarder.offer(traces(`${i}`))
    await clock.untilSet(250)
    await upstream.untilReceived(8)
    most = 0

    const until = clock.now() + 30 * 60_000
    for (let pause = 250; clock.now() < until; ) {
      clock.advance(pause)
      pause = Math.min(5000, pause * 2)
      await clock.untilSet(pause)
    }
    const attempts = upstream.received.length
    upstream.answer = (res) => res.end()
    clock.advance(10_000)
    await forwarder.close()

    expect(attempts).toBeLessThan(1000)
    expect(most).toBe(1)
    expect(forwarder.stats()).toMatchObject({ accepted: 20, forwarded: 20, queuedRequests: 0 })
  })

  test('is told of once, and so is its return', async () => {
    const forwarder = forwarders.open(upstream.url, { noticeEveryMs: 60_000 })
    await upstream.stop()
    for (let i = 0; i < 20; i++) await forwarder.offer(traces(`${i}`))
    await forwarders.untilStats(forwarder, ({ retried }) => retried > 15)
    expect(forwarder.stats().upstreamDown).toBe(true)

    await upstream.start()
    await upstream.until(() => new Set(upstream.bodies).size === 20)
    await forwarder.close()

    expect(forwarders.notices).toMatchObject([
      { type: 'upstream.unreachable', reason: expect.stringContaining('ECONNREFUSED') },
      { type: 'upstream.back' },
    ])
    expect(forwarder.stats().upstreamDown).toBe(false)
  })

  test('and is back gets at once what has failed before', async () => {
    const clock = new ManualClock()
    const waits = [0.9, 0.9, 0.1]
    const random = (): number => waits.shift() ?? 0.9
    upstream.answer = (res, _, nth) => res.writeHead(nth > 3 ? 200 : 503).end()
    const forwarder = forwarders.open(upstream.url, {
      clock,
      random,
      retryBaseMs: 1000,
      retryCapMs: 1000,
    })
    for (const body of ['one', 'two', 'three']) await forwarder.offer(traces(body))
    await clock.untilSet(100)

    clock.advance(100)
    await forwarders.untilStats(forwarder, ({ forwarded }) => forwarded === 3)
  })

  test('long enough to fill the queue makes offers fail, until there is room again', async () => {
    const forwarder = forwarders.open(upstream.url, { maxQueueBytes: 10_000 })
    await upstream.stop()
    const offer = (): Promise<string> => forwarder.offer(traces(Buffer.alloc(4000)))

    expect([await offer(), await offer(), await offer()]).toEqual(['accepted', 'accepted', 'full'])
    expect(forwarder.stats()).toMatchObject({ accepted: 2, refused: 1, queuedBytes: 8000 })
    expect(forwarders.notices).toContainEqual(expect.objectContaining({ type: 'queue.full' }))

    await upstream.start()
    await upstream.untilReceived(2)
    await forwarders.untilStats(forwarder, ({ queuedRequests }) => queuedRequests === 0)
    expect(await offer()).toBe('accepted')
  })

  test('makes the oldest age grow', async () => {
    const clock = new ManualClock()
    await upstream.stop()
    const forwarder = forwarders.open(upstream.url, { clock })

    expect(forwarder.stats().oldestMs).toBe(0)
    await forwarder.offer(traces('one'))
    clock.advance(5000)
    await forwarder.offer(traces('two'))

    expect(forwarder.stats().oldestMs).toBe(5000)
  })
})

describe('an answer', () => {
  test.each([429, 502, 503, 504])('of %i is tried again', async (status) => {
    upstream.answer = (res, _, nth) => res.writeHead(nth < 4 ? status : 200).end()
    const forwarder = forwarders.open(upstream.url)

    await forwarder.offer(traces('spans'))
    await upstream.untilReceived(4)
    await forwarder.close()

    expect(upstream.bodies).toEqual(['spans', 'spans', 'spans', 'spans'])
    expect(forwarder.stats()).toMatchObject({ forwarded: 1, retried: 3, dropped: {} })
  })

  test.each([301, 400, 401, 404, 413, 500, 501])('of %i is final', async (status) => {
    upstream.answer = (res, _, nth) => res.writeHead(nth === 1 ? status : 200).end('no')
    const forwarder = forwarders.open(upstream.url, { maxInFlight: 1 })

    await forwarder.offer(traces('bad'))
    await forwarder.offer(traces('good'))
    await forwarder.close()

    expect(upstream.bodies).toEqual(['bad', 'good'])
    expect(forwarder.stats()).toMatchObject({ forwarded: 1, retried: 0, dropped: { [status]: 1 } })
    expect(forwarders.notices).toMatchObject([{ type: 'request.dropped', path: '/v1/traces' }])
  })

  test.each([
    ['partial success', '{"partialSuccess":{"rejectedSpans":"2"}}'],
    ['garbage', '\u0000\u0001 <html>'],
    ['more than anybody reads', 'x'.repeat(5_000_000)],
  ])('of 200 with %s is done', async (_, body) => {
    upstream.answer = (res) => res.end(body)
    const forwarder = forwarders.open(upstream.url, { maxInFlight: 1 })

    for (const name of ['one', 'two']) await forwarder.offer(traces(name))
    await forwarder.close()

    expect(upstream.bodies).toEqual(['one', 'two'])
    expect(forwarder.stats()).toMatchObject({ forwarded: 2, retried: 0 })
  })

  test('of 200 whose body never ends is done', async () => {
    upstream.answer = (res) => res.write('{')
    const forwarder = forwarders.open(upstream.url, { maxInFlight: 1, timeoutMs: 50 })

    for (const name of ['one', 'two']) await forwarder.offer(traces(name))
    await forwarder.close()

    expect(upstream.bodies).toEqual(['one', 'two'])
    expect(forwarder.stats()).toMatchObject({ forwarded: 2, retried: 0 })
  })

  test('that says when to come back is believed, for all requests', async () => {
    const clock = new ManualClock()
    upstream.answer = (res, _, nth) => {
      if (nth === 1) res.writeHead(429, { 'retry-after': '7' })
      res.end()
    }
    const forwarder = forwarders.open(upstream.url, { clock })
    await forwarder.offer(traces('one'))
    await clock.untilSet(7000)
    await forwarder.offer(traces('two'))

    clock.advance(6999)
    expect(upstream.bodies).toEqual(['one'])
    clock.advance(1)
    await upstream.untilReceived(3)

    expect(upstream.bodies.sort()).toEqual(['one', 'one', 'two'])
  })

  test('that says a date to come back is believed', async () => {
    const clock = new ManualClock(Date.UTC(2026, 10, 20, 12, 0, 0))
    upstream.answer = (res) =>
      res.writeHead(503, { 'retry-after': 'Fri, 20 Nov 2026 12:00:09 GMT' }).end()

    await forwarders.open(upstream.url, { clock }).offer(traces('one'))

    await clock.untilSet(9000)
  })

  test('that is no HTTP is tried again', async () => {
    upstream.onHead = (req) => {
      upstream.onHead = undefined
      req.socket.end('SSH-2.0-OpenSSH_9.6\r\n')
    }
    const forwarder = forwarders.open(upstream.url)

    await forwarder.offer(traces('spans'))
    await upstream.untilReceived(1)
    await forwarder.close()

    expect(forwarder.stats()).toMatchObject({ forwarded: 1, retried: 1 })
  })

  test('that switches the protocol is tried again', async () => {
    upstream.answer = (res, _, nth) => {
      if (nth > 1) res.end()
      else
        res.socket?.write(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
        )
    }
    const forwarder = forwarders.open(upstream.url)

    await forwarder.offer(traces('spans'))
    await upstream.untilReceived(2)
    await forwarder.close()

    expect(forwarder.stats()).toMatchObject({ forwarded: 1, retried: 1 })
  })

  test('that never comes is not waited for', async () => {
    upstream.answer = (res, _, nth) => {
      if (nth > 1) res.end()
    }
    const forwarder = forwarders.open(upstream.url, { timeoutMs: 50 })

    await forwarder.offer(traces('spans'))
    await upstream.untilReceived(2)
    await forwarder.close()

    expect(forwarder.stats()).toMatchObject({ forwarded: 1, retried: 1 })
  })

  test('that comes byte by byte is not waited for either', async () => {
    let dripping: NodeJS.Timeout | undefined
    upstream.answer = (res, _, nth) => {
      if (nth > 1) {
        res.end()
        return
      }
      res.socket?.write('HTTP/1.1 200 OK\r\nx: ')
      dripping = setInterval(() => res.socket?.write('y'), 5)
    }
    const forwarder = forwarders.open(upstream.url, { timeoutMs: 100 })

    await forwarder.offer(traces('spans'))
    await upstream.untilReceived(2)
    clearInterval(dripping)
    await forwarder.close()

    expect(forwarder.stats()).toMatchObject({ forwarded: 1, retried: 1 })
  })

  test('in the middle of a large body is final, though the rest is never read', async () => {
    upstream.onHead = (_, res) => {
      upstream.onHead = undefined
      res.writeHead(413, { connection: 'close' }).end()
    }
    const forwarder = forwarders.open(upstream.url, { maxInFlight: 1 })

    await forwarder.offer(traces(Buffer.alloc(20_000_000)))
    await forwarder.offer(traces('small'))
    await upstream.untilReceived(1)
    await forwarder.close()

    expect(forwarder.stats()).toMatchObject({ forwarded: 1, retried: 0, dropped: { 413: 1 } })
  })

  test('that is slow holds up nobody else', async () => {
    let release = (): void => {}
    upstream.answer = (res, { body }) => {
      if (body.toString() === 'slow') release = () => res.end()
      else res.end()
    }
    const forwarder = forwarders.open(upstream.url)

    for (const body of ['slow', 'one', 'two', 'three']) await forwarder.offer(traces(body))
    await upstream.untilReceived(4)
    release()
    await forwarder.close()

    expect(forwarder.stats()).toMatchObject({ forwarded: 4, retried: 0 })
  })
})

describe('a connection', () => {
  test('that is reset is tried again', async () => {
    upstream.answer = (res, _, nth) => {
      if (nth < 3) res.socket?.resetAndDestroy()
      else res.end()
    }
    const forwarder = forwarders.open(upstream.url)

    await forwarder.offer(traces('spans'))
    await upstream.untilReceived(3)
    await forwarder.close()

    expect(forwarder.stats()).toMatchObject({ forwarded: 1, dropped: {} })
    expect(upstream.bodies).toEqual(['spans', 'spans', 'spans'])
  })

  test('that was closed while it lay idle is no failure', async () => {
    const forwarder = forwarders.open(upstream.url, { maxInFlight: 1 })
    await forwarder.offer(traces('one'))
    await forwarders.untilStats(forwarder, ({ forwarded }) => forwarded === 1)
    upstream.onHead = (req) => {
      upstream.onHead = undefined
      req.socket.resetAndDestroy()
    }

    await forwarder.offer(traces('two'))
    await upstream.untilReceived(2)
    await forwarder.close()

    expect(upstream.connections).toBe(2)
    expect(forwarder.stats()).toMatchObject({ forwarded: 2, retried: 0 })
  })

  test('that one request always breaks lets the others through', async () => {
    upstream.answer = (res, { body }) => {
      if (body.toString() === 'poison') res.socket?.destroy()
      else res.end()
    }
    const clock = new ManualClock()
    const forwarder = forwarders.open(upstream.url, { clock, maxInFlight: 1 })

    await forwarder.offer(traces('poison'))
    for (let i = 0; i < 200; i++) await forwarder.offer(traces(`${i}`))
    await forwarders.untilStats(forwarder, ({ forwarded }) => forwarded === 200)

    expect(forwarder.stats()).toMatchObject({ retried: 1, queuedRequests: 1, dropped: {} })
  })
})

describe('an offer', () => {
  test('that could never fit is refused as too large', async () => {
    const forwarder = forwarders.open(upstream.url, { maxQueueBytes: 2000 })

    expect(await forwarder.offer(traces(Buffer.alloc(2001)))).toBe('too-large')
    expect(await forwarder.offer(traces(Buffer.alloc(2000)))).toBe('accepted')
  })

  test('whose header cannot be sent is dropped, and the next one goes through', async () => {
    const forwarder = forwarders.open(upstream.url)

    await forwarder.offer({ ...traces('bad'), contentType: 'a\r\nb' })
    await forwarder.offer(traces('good'))
    await forwarder.close()

    expect(upstream.bodies).toEqual(['good'])
    expect(forwarder.stats()).toMatchObject({ forwarded: 1, dropped: { unsendable: 1 } })
  })

  test('after close is refused', async () => {
    const forwarder = forwarders.open(upstream.url)
    await forwarder.close()

    expect(await forwarder.offer(traces('late'))).toBe('unavailable')
    expect(forwarder.stats()).toMatchObject({ accepted: 0, refused: 1, queuedRequests: 0 })
  })

  test('survives a listener that throws', async () => {
    upstream.answer = (res) => res.writeHead(400).end()
    const onNotice = (): never => {
      throw new Error('listener')
    }
    const forwarder = forwarders.open(upstream.url, { onNotice })

    await forwarder.offer(traces('spans'))
    await forwarder.close()

    expect(forwarder.stats().dropped).toEqual({ 400: 1 })
  })
})

describe('close', () => {
  test('sends what is queued, without waiting for pauses', async () => {
    const clock = new ManualClock()
    upstream.answer = (res, _, nth) => {
      if (nth === 1) res.writeHead(429, { 'retry-after': '60' })
      res.end()
    }
    const forwarder = forwarders.open(upstream.url, { clock, maxInFlight: 1 })
    for (const body of ['one', 'two']) await forwarder.offer(traces(body))
    await clock.untilSet(60_000)

    expect(await forwarder.close()).toEqual({ requests: 0, bytes: 0, spooled: false })

    expect(upstream.bodies.sort()).toEqual(['one', 'one', 'two'])
  })

  test('says what is left when the time is up, and cuts what is in flight', async () => {
    const clock = new ManualClock()
    upstream.answer = () => {}
    const forwarder = forwarders.open(upstream.url, { clock, maxInFlight: 2 })
    for (let i = 0; i < 3; i++) await forwarder.offer(traces(Buffer.alloc(2000)))
    await upstream.untilReceived(2)

    const closed = forwarder.close({ timeoutMs: 1234 })
    await clock.untilSet(1234)
    clock.advance(1234)

    expect(await closed).toEqual({ requests: 3, bytes: 6000, spooled: false })
    expect(await forwarder.close()).toEqual(await closed)
    expect(upstream.received).toHaveLength(2)
  })

  test('with no time cuts at once', async () => {
    upstream.answer = () => {}
    const forwarder = forwarders.open(upstream.url)
    await forwarder.offer(traces('spans'))

    expect(await forwarder.close({ timeoutMs: 0 })).toMatchObject({ requests: 1 })
  })
})

describe('options', () => {
  test.each([
    [{ upstreamUrl: 'localhost:4318' }, '`upstreamUrl`'],
    [{ upstreamUrl: 'ftp://localhost' }, '`upstreamUrl`'],
    [{ upstreamUrl: 'http://localhost/?x' }, '`upstreamUrl`'],
    [{ instanceId: '' }, '`instanceId`'],
    [{ instanceId: 'a\r\nb' }, '`instanceId`'],
    [{ maxQueueBytes: 1023 }, '`maxQueueBytes`'],
    [{ maxInFlight: 0 }, '`maxInFlight`'],
    [{ timeoutMs: 1.5 }, '`timeoutMs`'],
  ])('of %j are refused by name', (options, name) => {
    expect(() => forwarders.open('http://localhost', options)).toThrow(name)
  })

  test('a password in a wrong URL is not shown', () => {
    const open = (): unknown => forwarders.open('http://ada:secret@localhost/?x')

    expect(open).toThrow(/^(?!.*secret)/)
  })
})
