import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Forwarder } from './forwarder.ts'
import { OpenForwarders, traces } from './testing/open-forwarders.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'
import { type AnswerTo, UpstreamServer } from './testing/upstream-server.ts'

const CHILD = fileURLToPath(new URL('./testing/spool-child.ts', import.meta.url))
const FLAGS = ['--conditions=@spancast/source', '--import', 'tsx']
const forwarders = new OpenForwarders()
let upstream: UpstreamServer
let root: string
let spoolDir: string
let remove: () => Promise<void>

beforeEach(async () => {
  upstream = await UpstreamServer.open()
  ;({ dir: root, remove } = await temporaryFolder())
  spoolDir = join(root, 'spool')
})
afterEach(async () => {
  await forwarders.closeAll()
  await upstream.stop()
  await remove()
})

async function stored(): Promise<string[]> {
  return (await readdir(spoolDir)).filter((name) => name.endsWith('.otlp')).sort()
}

/** A folder with these requests, left by a forwarder whose upstream was away. */
async function leave(...bodies: string[]): Promise<void> {
  await upstream.stop()
  const forwarder = forwarders.open(upstream.url, { spoolDir })
  for (const body of bodies) await forwarder.offer(traces(body))
  await forwarder.close({ timeoutMs: 0 })
  await upstream.start()
}

async function opened(options = {}): Promise<Forwarder> {
  const forwarder = forwarders.open(upstream.url, { spoolDir, ...options })
  await forwarder.open()
  return forwarder
}

describe('a request', () => {
  test('is on disk when it is accepted, for its owner alone, and gone when the upstream has it', async () => {
    const release: (() => void)[] = []
    upstream.answer = (res) => release.push(() => res.end())
    const forwarder = await opened()

    expect(await forwarder.offer(traces('spans'))).toBe('accepted')

    const [file = ''] = await stored()
    expect(await readFile(join(spoolDir, file), 'utf8')).toContain('spans')
    if (process.platform !== 'win32') {
      expect((await stat(spoolDir)).mode & 0o077).toBe(0)
      expect((await stat(join(spoolDir, file))).mode & 0o077).toBe(0)
    }
    await upstream.untilReceived(1)
    for (const answer of release) answer()
    await forwarders.untilStats(forwarder, ({ queuedRequests }) => queuedRequests === 0)
    expect(await stored()).toEqual([])
  })

  test('that was not delivered is delivered after the next start, the oldest first, as it was', async () => {
    await upstream.stop()
    const first = await opened()
    const requests = Array.from({ length: 100 }, (_, i) => ({
      ...traces(`${i}`),
      path: `/v1/${i}`,
      contentType: 'application/json',
      contentEncoding: 'gzip',
      via: '1.1 spancast/there',
    }))
    for (const request of requests) await first.offer(request)
    expect(await first.close({ timeoutMs: 0 })).toMatchObject({ requests: 100, spooled: true })
    await upstream.start()

    const second = await opened({ maxInFlight: 1 })
    expect(second.stats()).toMatchObject({ recovered: 100, accepted: 0, queuedRequests: 100 })
    await second.close()

    expect(upstream.received.map(({ path }) => path)).toEqual(requests.map(({ path }) => path))
    expect(upstream.received[42]).toMatchObject({
      body: Buffer.from('42'),
      headers: {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
        via: '1.1 spancast/there, 1.1 spancast/here',
      },
    })
    expect(await readdir(spoolDir)).toEqual([])
  })

  test('that the upstream refuses for ever leaves the disk too', async () => {
    upstream.answer = (res) => res.writeHead(400).end()
    const forwarder = await opened()

    await forwarder.offer(traces('spans'))
    await forwarder.close()

    expect(await stored()).toEqual([])
  })

  test('opens the spool by itself, if nobody did', async () => {
    await leave('old')
    const forwarder = forwarders.open(upstream.url, { spoolDir, maxInFlight: 1 })

    expect(await forwarder.offer(traces('new'))).toBe('accepted')
    await forwarder.close()

    expect(upstream.bodies).toEqual(['old', 'new'])
  })

  test('goes on from the disk where the memory holds no more', async () => {
    await upstream.stop()
    const forwarder = await opened({ maxQueueBytes: 80_000_000 })
    for (let i = 0; i < 7; i++) await forwarder.offer(traces(Buffer.alloc(10_000_000, i)))
    await upstream.start()

    await forwarder.close({ timeoutMs: 15_000 })

    expect(new Set(upstream.received.map(({ body }) => body[9_999_999]))).toEqual(
      new Set([0, 1, 2, 3, 4, 5, 6]),
    )
  })
})

describe('the bound', () => {
  test('counts what is on disk, also from before', async () => {
    await leave('x'.repeat(3000), 'x'.repeat(3000))
    await upstream.stop()
    const forwarder = await opened({ maxQueueBytes: 8000 })

    expect(await forwarder.offer(traces('x'.repeat(3000)))).toBe('full')
    expect(await forwarder.offer(traces('small'))).toBe('accepted')
    expect(await stored()).toHaveLength(3)
  })

  test('never makes what was accepted before go', async () => {
    await leave('x'.repeat(3000), 'x'.repeat(3000))

    const forwarder = await opened({ maxQueueBytes: 2000 })
    await forwarder.close()

    expect(upstream.received).toHaveLength(2)
  })

  test('holds for offers that come at once', async () => {
    await upstream.stop()
    const forwarder = await opened({ maxQueueBytes: 50_000 })

    const offers = Array.from({ length: 100 }, () => forwarder.offer(traces(Buffer.alloc(1000))))
    const results = await Promise.all(offers)

    expect(results.filter((result) => result === 'accepted')).toHaveLength(48)
    expect(results.filter((result) => result === 'full')).toHaveLength(52)
    expect(await stored()).toHaveLength(48)
  })
})

describe('a folder', () => {
  test('that another forwarder uses is refused, and left as it is', async () => {
    const first = await opened()
    const second = forwarders.open(upstream.url, { spoolDir })

    await expect(second.open()).rejects.toMatchObject({ code: 'EBUSY' })
    expect(await second.offer(traces('spans'))).toBe('unavailable')
    expect(forwarders.notices).toMatchObject([
      { type: 'spool.failed', reason: expect.stringContaining('to be free') },
    ])

    await first.close()
    expect(await second.offer(traces('spans'))).toBe('accepted')
  })

  test('with damaged files delivers the others, and sets those aside', async () => {
    await leave('one', 'two', 'three', 'four')
    const [cut = '', changed = '', foreign = ''] = await stored()
    await writeFile(join(spoolDir, cut), (await readFile(join(spoolDir, cut))).subarray(0, 30))
    const bytes = await readFile(join(spoolDir, changed))
    bytes[bytes.length - 1] = 0
    await writeFile(join(spoolDir, changed), bytes)
    await writeFile(join(spoolDir, foreign), 'hello')

    const forwarder = await opened()
    await forwarder.close()

    expect(upstream.bodies).toEqual(['four'])
    expect((await readdir(spoolDir)).sort()).toEqual([
      `${cut}.bad`,
      `${changed}.bad`,
      `${foreign}.bad`,
    ])
    expect(forwarder.stats()).toMatchObject({ forwarded: 1, dropped: { 'bad-file': 3 } })
    for (const file of [cut, changed, foreign]) {
      const notice = expect.objectContaining({ type: 'spool.bad', file: `${file}.bad` })
      expect(forwarders.notices).toContainEqual(notice)
    }
  })

  test('with files of others leaves them alone', async () => {
    await mkdir(join(spoolDir, 'notes.otlp'), { recursive: true })
    await writeFile(join(spoolDir, 'thesis.txt'), 'mine')
    await writeFile(join(spoolDir, 'my.tmp'), 'mine')

    const forwarder = await opened()
    await forwarder.offer(traces('spans'))
    await forwarder.close()

    expect((await readdir(spoolDir)).sort()).toEqual(['my.tmp', 'notes.otlp', 'thesis.txt'])
  })

  test('keeps nothing of what was never finished', async () => {
    await leave('one')
    const [file = ''] = await stored()
    await writeFile(join(spoolDir, `${file.replace(/^./, '1')}.tmp`), 'half')

    await (await opened()).close()

    expect(await readdir(spoolDir)).toEqual([])
  })

  test('from which a file was removed goes on with the others', async () => {
    await leave('one', 'two')
    const [first = ''] = await stored()
    await upstream.stop()
    const forwarder = await opened({ maxInFlight: 1, retryBaseMs: 500 })

    await rm(join(spoolDir, first))
    await upstream.start()
    await forwarder.close()

    expect(upstream.bodies).toContain('two')
    expect(forwarder.stats().queuedRequests).toBe(0)
  })

  test('that cannot be written to makes offers fail, and no more than that', async () => {
    const forwarder = await opened()
    await rm(spoolDir, { recursive: true })

    expect(await forwarder.offer(traces('spans'))).toBe('unavailable')
    expect(forwarder.stats()).toMatchObject({ accepted: 0, refused: 1, queuedRequests: 0 })
    expect(forwarders.notices).toMatchObject([{ type: 'spool.failed' }])

    await mkdir(spoolDir)
    expect(await forwarder.offer(traces('spans'))).toBe('accepted')
  })

  test.skipIf(process.getuid?.() === 0)('that may not be opened is said so at once', async () => {
    await chmod(root, 0o500)

    await expect(opened()).rejects.toMatchObject({ code: 'EACCES' })

    await chmod(root, 0o700)
  })
})

describe('a process', () => {
  test('that has nothing else to do ends, and leaves what it accepted on the disk', async () => {
    await upstream.stop()
    const module = JSON.stringify(new URL('./forwarder.ts', import.meta.url).href)
    const options = JSON.stringify({ upstreamUrl: upstream.url, spoolDir, instanceId: 'child' })
    const request = `{ path: '/v1/traces', contentType: 'application/json', body: Buffer.from('{}') }`
    const program = `import { Forwarder } from ${module}
      await new Forwarder(${options}).offer(${request})`
    const child = spawn(process.execPath, [...FLAGS, '--input-type=module', '-e', program])

    expect(await once(child, 'close')).toEqual([0, null])

    expect(await stored()).toHaveLength(1)
    await upstream.start()
    await (await opened()).close()
    expect(upstream.bodies).toEqual(['{}'])
  })
})

describe('a process that is killed', () => {
  const ROUNDS = 6
  const PER_ROUND = 150

  /** Runs until `killAfter` requests were acknowledged, or to its end. @returns what it said. */
  async function run(name: string, count: number, killAfter: number): Promise<string[]> {
    const args = [...FLAGS, CHILD, upstream.url, spoolDir, name, String(count)]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const closed = once(child, 'close')
    const said: string[] = []
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(line)
      if (said.length === killAfter) child.kill('SIGKILL')
    }
    await closed
    return said
  }

  test('at any moment loses nothing that it acknowledged', async () => {
    const random = seeded(20_261_120)
    const taken: string[] = []
    const take: AnswerTo = (res, { body }) => {
      taken.push(body.toString())
      res.end()
    }
    upstream.answer = (res, request, nth) => {
      const luck = random()
      if (luck < 0.3) take(res, request, nth)
      else if (luck < 0.6) res.writeHead(503).end()
      else if (luck < 0.8) res.socket?.destroy()
      // The rest gets no answer.
    }
    const acknowledged: string[] = []

    for (let round = 0; round < ROUNDS; round++) {
      const killAfter = 1 + Math.floor(random() * PER_ROUND)
      acknowledged.push(...(await run(`round-${round}`, PER_ROUND, killAfter)))
    }
    upstream.answer = take
    const last = await run('last', 0, Number.POSITIVE_INFINITY)

    const arrived = new Set(taken.map(idOfWhole))
    expect(acknowledged.length).toBeGreaterThanOrEqual(ROUNDS)
    expect(last).toEqual(['empty'])
    expect(acknowledged.filter((id) => !arrived.has(id))).toEqual([])
    expect(arrived).not.toContain('damaged')
    expect(await readdir(spoolDir)).toEqual([])
  }, 120_000)
})

function idOfWhole(body: string): string {
  const [id = '', content = ''] = body.split(' ')
  return content === 'x'.repeat(Number(id.split('-').at(-1))) ? id : 'damaged'
}

/** Numbers from 0 up to 1 that are the same each time (a linear congruential generator). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
