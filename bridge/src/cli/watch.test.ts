import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import {
  createRandomId,
  emit,
  emitChunk,
  ObserverRegistry,
  observe,
  observeRun,
  recordCost,
  recordUsage,
} from '@spancast/sdk'
import { createClient, type RunState, runText, watchRun } from '@spancast/sdk/client'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { BridgeOptions } from '../options.ts'
import { HeldWorkflow } from '../testing/held-workflow.ts'
import { observing } from '../testing/observing.ts'
import { OpenBridges } from '../testing/open-bridges.ts'
import { get } from '../testing/post.ts'
import { inProcess, type Terminal } from './testing/in-process.ts'
import { type Ended, startSpancast } from './testing/spancast.ts'

const bridges = new OpenBridges()
beforeAll(observing)
afterEach(() => bridges.closeAll())

const UTF8 = { LANG: 'C.UTF-8' }
const search = observe(
  async ({ q }: { readonly q: string }) => {
    if (q === 'bad') throw new TypeError('no\u001b]0;x\u0007 such thing')
    return ['\u001b[31mred', q]
  },
  { name: 'search', kind: 'tool' },
)
const model = observe(
  async (words: readonly string[]) => {
    for (const word of words) emitChunk(word)
    recordUsage({ inputTokens: 1204, outputTokens: 318 })
    recordCost(0.0061)
  },
  { name: 'gpt-x', kind: 'llm' },
)
const agent = observe(
  async () => {
    emit('decision_made', { action: 'search' })
    await search({ q: 'otel' })
    await search({ q: 'bad' }).catch(() => {})
    await model(['Be', 'cause ', 'ü€😀.\n', 'And so on'])
    return 'done'
  },
  { name: 'researcher' },
)

/** A run that is over. */
async function told(fn: () => unknown = agent): Promise<string> {
  const { randomId } = await observeRun({ name: 'research', input: 'why?' }, () => fn())
  return randomId
}

async function failed(): Promise<string> {
  const randomId = createRandomId()
  const run = observeRun({ name: 'research', randomId }, async () => {
    throw new Error('it broke')
  })
  await run.catch(() => {})
  return randomId
}

/** The command line against a bridge of its own. */
async function against(options: BridgeOptions = {}) {
  const { url, port, bridge } = await bridges.open(options)
  const run = (args: readonly string[], terminal: Terminal = {}): Promise<Ended> =>
    inProcess([...args, '--url', url], { env: UTF8, ...terminal })
  return { url, port, bridge, run }
}

describe('tail', () => {
  test('tells a run line by line, as a tree, with what it cost', async () => {
    const { run } = await against()
    const randomId = await told()

    const { code, stdout, stderr } = await run(['tail', randomId])

    const lines = stdout
      .replace(/^\d\d:\d\d:\d\d\.\d{3}/gm, 'TIME')
      .replace(/ +\d+(\.\d+)?m?s/g, '  0ms')
      .replace(/trace \w+…/, 'trace 0…')
      .replace(randomId, 'ID')
    expect(lines).toMatchInlineSnapshot(`
      "TIME  ▶ run research  run ID, trace 0…: why?
      TIME    ▶ agent researcher
      TIME      · decision_made  action: "search"
      TIME      ▶ tool search  q: "otel"
      TIME      ✔ tool search  0ms  red, otel
      TIME      ▶ tool search  q: "bad"
      TIME      ✖ tool search  0ms  TypeError: no such thing
      TIME      ▶ llm gpt-x
      researcher          │ Because ü€😀.
                          │ And so on
      TIME      ✔ llm gpt-x  0ms  1,204→318 tok, $0.0061
      TIME    ✔ agent researcher  0ms
      TIME  ✔ run research  0ms  1 llm, 2 tool, 1,204→318 tok, $0.0061
      "
    `)
    expect([code, stderr]).toEqual([0, ''])
  })

  test('as records, gives the events of the wire and the end of the stream', async () => {
    const { run, url } = await against()
    const randomId = await told()
    const { events, lastSeq } = (await get(`${url}/api/agents/${randomId}/events`)).body

    const { stdout } = await run(['tail', randomId, '--json'])

    expect(stdout.endsWith('\n')).toBe(true)
    const records = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(records.slice(0, -1)).toEqual(events)
    expect(records.at(-1)).toEqual({ type: 'stream.end', reason: 'completed', lastSeq })
  })

  test('as text, gives what the run streamed, as the page shows it', async () => {
    const { run, url } = await against()
    const randomId = await told()

    const { stdout } = await run(['tail', randomId, '--text'])

    expect(stdout).toBe(`${runText(await stateOf(url, randomId))}\n`)
    expect(stdout).toBe('Because ü€😀.\nAnd so on\n')
  })

  test('follows a run while it goes on, and ends with it', async () => {
    const held = new HeldWorkflow()
    const { run } = await against({ workflows: { held: held.run } })
    const { stdout } = await run(['invoke', 'held', '--detach'])
    const followed = run(['tail', stdout.trim()])
    held.release()

    expect((await followed).stdout).toMatch(/✔ run held/)
  })

  test('begins where it is told to, and with only what is asked for', async () => {
    const { run } = await against()
    const randomId = await told()
    const typesOf = async (...args: string[]): Promise<string[]> => {
      const { stdout } = await run(['tail', randomId, '--json', '--no-follow', ...args])
      return stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).type)
    }

    expect((await typesOf()).length).toBeGreaterThan(8)
    expect(await typesOf('--last', '2')).toEqual(['agent.end', 'run.end'])
    expect((await typesOf('--after', '1'))[0]).toBe('agent.start')
    expect(await typesOf('--only', 'run,event')).toEqual(['run.start', 'agent.event', 'run.end'])
    expect(await typesOf('--only', 'error')).toEqual(['agent.tool.end'])
  })

  test('takes the run that started last', async () => {
    const { run } = await against()
    const randomId = await told()

    expect((await run(['tail', 'latest'])).stdout).toContain(randomId)
  })

  test('waits for a first run, and does not if it is not to follow', async () => {
    const { run } = await against({ registry: new ObserverRegistry() })

    expect(await run(['tail', 'latest', '--no-follow'])).toMatchObject({ code: 3, stdout: '' })
    expect(await run(['tail', 'latest', '--idle-timeout', '1ms'])).toMatchObject({ code: 7 })
  })

  test('keeps what agents say from the terminal, unless it is to be raw', async () => {
    const { run } = await against()
    const randomId = await told()
    const args = ['tail', randomId, '--color', 'never']

    expect((await run(args)).stdout).not.toMatch(/(?!\n)\p{Cc}/u)
    expect((await run([...args, '--raw'])).stdout).toContain('\u001b]0;x')
  })

  test.each([
    ['a pipe', {}, false],
    ['a terminal', { isTTY: true, columns: 80 }, true],
    ['NO_COLOR', { isTTY: true, env: { ...UTF8, NO_COLOR: '1' } }, false],
    ['an empty NO_COLOR', { isTTY: true, env: { ...UTF8, NO_COLOR: '' } }, true],
    ['TERM=dumb', { isTTY: true, env: { ...UTF8, TERM: 'dumb' } }, false],
  ] satisfies [string, Terminal, boolean][])(
    'has colours as fit %s',
    async (_, terminal: Terminal, colored) => {
      const { run } = await against()
      const { stdout } = await run(['tail', await told()], terminal)

      expect(stdout.includes('\u001b')).toBe(colored)
      if (terminal.columns === undefined) return
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is looked past.
      const widths = stdout.split('\n').map((line) => line.replace(/\u001b\[\d+m/g, '').length)
      expect(Math.max(...widths)).toBeLessThanOrEqual(80)
    },
  )

  test('is ASCII where the locale is', async () => {
    const { run } = await against()

    const { stdout } = await run(['tail', await told()], { env: {} })

    expect(stdout).toMatch(/^\P{ASCII}*$|^[\n\x20-\x7e]*$/u)
    expect(stdout).toContain('x tool search')
  })
})

describe('the exit code', () => {
  test('is 1 for a run that failed, if it is asked for', async () => {
    const { run } = await against()
    const randomId = await failed()

    expect(await run(['tail', randomId])).toMatchObject({ code: 0 })
    expect(await run(['tail', randomId, '--exit-status'])).toMatchObject({ code: 1, stderr: '' })
    expect(await run(['show', randomId, '--exit-status'])).toMatchObject({ code: 1, stderr: '' })
    expect(await run(['tail', await told(), '--exit-status'])).toMatchObject({ code: 0 })
  })

  test.each([
    [['tail'], 'Expected randomId|latest, got nothing.'],
    [['tail', 'a', 'b'], "Expected nothing more than randomId|latest, got 'b'."],
    [
      ['tail', 'latest', '--only', 'tools'],
      "Expected --only to be some of run,agent,tool,llm,text,event,error, got 'tools'.",
    ],
    [['tail', 'latest', '--json', '--text'], 'Expected --json or --text, got both.'],
    [['tail', 'latest', '--last', '2', '--after', '1'], 'Expected --after or --last, got both.'],
    [
      ['tail', 'latest', '--idle-timeout', 'soon'],
      "Expected --idle-timeout to be a time such as 500ms, 30s or 2m, got 'soon'.",
    ],
    [
      ['tail', 'latest', '--color', 'red'],
      "Expected --color to be auto, always, never, got 'red'.",
    ],
    [['tail', 'latest', '--after', 'x y'], 'Expected `since` to be an id of this stream'],
    [['tail', 'x y'], 'Expected a randomId of 8 to 128'],
    [['runs', '--status', 'done'], 'Expected --status to be one of running, ok'],
    [['runs', '--limit', '0'], "Expected --limit to be from 1 to 200, got '0'."],
    [['invoke', 'held', 'why?'], 'Give a text in quotes: \'"why?"\'.'],
  ])('is 2 for %j', async (args, message) => {
    const { run } = await against()
    await told()

    const { code, stdout, stderr } = await run(args)

    expect(stderr).toContain(message)
    expect([code, stdout]).toEqual([2, ''])
  })

  test('is 3 for what is not there, or is there no more', async () => {
    const { run } = await against({ limits: { waitMs: 20 } })
    const randomId = await told()
    ObserverRegistry.getInstance().dispose(randomId)

    for (const command of ['tail', 'show', 'export', 'open']) {
      expect(await run([command, 'no-such-run'])).toMatchObject({ code: 3, stdout: '' })
    }
    expect(await run(['invoke', 'nothing'])).toMatchObject({ code: 3, stdout: '' })
    const { code, stderr } = await run(['tail', randomId])
    expect([code, stderr]).toEqual([3, expect.stringContaining('was let go')])
  })

  test('is 4 for who has not the token', async () => {
    const token = 'a-long-enough-token'
    const { run } = await against({ token })
    const randomId = await told()

    for (const command of [
      ['tail', randomId],
      ['runs'],
      ['show', 'latest'],
      ['export', randomId],
    ]) {
      const { code, stderr } = await run(command)
      expect([code, stderr]).toEqual([4, expect.stringContaining('Set SPANCAST_TOKEN')])
    }
    const env = { ...UTF8, SPANCAST_TOKEN: token }
    expect(await run(['tail', randomId], { env })).toMatchObject({ code: 0, stderr: '' })
  })

  test('is 5 where no bridge answers, and where one is lost', async () => {
    const { run, url, bridge } = await against()
    expect(await inProcess(['tail', 'latest', '--url', 'http://127.0.0.1:1'])).toMatchObject({
      code: 5,
      stderr: expect.stringContaining('Start one with: spancast serve'),
    })

    const held = new HeldWorkflow()
    const over = observeRun({ randomId: 'run-lost' }, () => held.run(null, ABSENT))
    const lost = run(['tail', 'run-lost', '--retries', '1'])
    await streaming(url)
    await bridge.close()

    const { code, stderr } = await lost
    expect([code, stderr]).toEqual([5, expect.stringMatching(/connection lost, try 1 .*lost/s)])
    held.release()
    await over
  })

  test('is 6 where events are missing, if it is asked for', async () => {
    const registry = new ObserverRegistry({ maxEvents: 4 })
    const observer = registry.create('run-with-gap')
    for (let i = 0; i < 10; i++) observer.emit({ type: 'agent.event', name: 'n', content: i })
    const totals = { cost: 0, unpricedCalls: 0, unmeteredCalls: 0 }
    const tokenUsage = { inputTokens: 0, outputTokens: 0, totalTokens: 0 }
    observer.emit({ type: 'run.end', status: 'ok', duration: 3, tokenUsage, ...totals })
    const { run } = await against({ registry })

    const { code, stdout, stderr } = await run(['tail', 'run-with-gap', '--fail-on-gap'])
    expect(code).toBe(6)
    expect(stdout).toMatch(/⚠ gap events 1 to \d+ were overwritten/)
    expect(stderr).toContain('were overwritten')
    expect(await run(['tail', 'run-with-gap', '--quiet'])).toMatchObject({ code: 0, stderr: '' })
    expect(await run(['export', 'run-with-gap', '--fail-on-gap'])).toMatchObject({ code: 6 })
    expect((await run(['export', 'run-with-gap'])).stdout).toMatch(/^\{"type":"stream\.gap"/)
    expect((await run(['show', 'run-with-gap'])).stdout).toContain('missing: events 1 to')
  })

  test('is 7 when nothing comes for too long', async () => {
    const held = new HeldWorkflow()
    const { run } = await against({ workflows: { held: held.run } })

    const { code, stderr } = await run(['invoke', 'held', '--idle-timeout', '60ms', '--quiet'])

    expect([code, stderr]).toEqual([7, 'spancast: Nothing came for 60ms.\n'])
    held.release()
  })

  test('is 130 when it is interrupted, and the connection is closed', async () => {
    const held = new HeldWorkflow()
    const { url } = await against({ workflows: { held: held.run } })
    const child = startSpancast(['invoke', 'held', '--url', url], UTF8)
    const [stdout, stderr] = [text(child.stdout), text(child.stderr)]
    await streaming(url)
    child.kill('SIGINT')
    const [code] = await once(child, 'close')

    expect(code).toBe(130)
    expect(await stderr).toMatch(/^spancast: the run goes on, see: spancast tail \w+\n$/)
    expect(await stdout).toMatch(/▶ run held/)
    held.release()
  })

  test('is 0 for a reader that leaves, as head does', async () => {
    const { url } = await against()
    const randomId = await told(async () => {
      for (let i = 0; i < 900; i++) emit('progress', { i, text: 'x'.repeat(1000) })
    })
    const child = startSpancast(['export', randomId, '--url', url])
    const stderr = text(child.stderr)
    const closed = once(child, 'close')
    const [first] = await once(child.stdout, 'data')
    child.stdout.destroy()

    expect(String(first)).toContain('"run.start"')
    expect(await closed).toEqual([0, null])
    expect(await stderr).toBe('')
  })
})

test('invoke shows the run of a workflow, with input as JSON', async () => {
  const inputs: unknown[] = []
  const workflow = async (input: unknown): Promise<string> => {
    inputs.push(input)
    return 'done'
  }
  const { run } = await against({ workflows: { workflow } })

  const { code, stdout } = await run(['invoke', 'workflow', '{"a":1}', '--random-id', 'run-mine'])
  expect([code, stdout]).toEqual([
    0,
    expect.stringMatching(/▶ run workflow .*run-mine.*a: 1\n.*✔ run/s),
  ])
  await run(['invoke', 'workflow'])
  expect(inputs).toEqual([{ a: 1 }, undefined])
  const taken = await run(['invoke', 'workflow', 'null', '--random-id', 'run-mine'])
  expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('run-mine')])
})

test('runs lists what there is, newest first', async () => {
  const { run } = await against()
  const [first, second] = [await told(), await failed()]

  const { stdout } = await run(['runs', '--limit', '2'])
  const [head, one, two] = stdout.split('\n')
  expect(head).toMatch(/^STATUS +STARTED +DURATION +STEPS +ERRORS +TOKENS +COST +NAME +RUN$/)
  expect(one).toMatch(new RegExp(`^error .* research +${second}$`))
  expect(two).toMatch(new RegExp(`^ok .* 1,522 +\\$0\\.0061 +research +${first}$`))

  const json = await run(['runs', '--json', '--status', 'ok', '--limit', '1'])
  expect(JSON.parse(json.stdout)).toMatchObject({ randomId: first, status: 'ok' })
})

test('show tells the totals and the steps as a tree', async () => {
  const { run } = await against()
  const randomId = await told()

  const { stdout } = await run(['show', randomId])

  const lines = stdout
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}/, 'WHEN')
    .replace(/ +\d+(\.\d+)?m?s/g, '  0ms')
    .replace(/trace \w+/, 'trace 0')
    .replace(randomId, 'ID')
  expect(lines).toMatchInlineSnapshot(`
    "research  ok  0ms
    run ID  started WHEN
    trace 0
    4 steps, 1 failed, 1,204→318 tok, $0.0061
    first error: search TypeError: no such thing

    ✔ workflow research  0ms  1,204→318 tok, $0.0061
      ✔ agent researcher  0ms  1,204→318 tok, $0.0061
        ✔ tool search  0ms  q: "otel"
        ✖ tool search  0ms  TypeError: no such thing
        ✔ llm gpt-x  0ms  1,204→318 tok, $0.0061
    "
  `)
  const json = await run(['show', randomId, '--json'])
  expect(JSON.parse(json.stdout)).toMatchObject({ randomId, status: 'ok', errors: 1 })
})

test('export gives every record, after another if that is asked for', async () => {
  const { run } = await against()
  const randomId = await told()
  const all = (await run(['export', randomId])).stdout.trimEnd().split('\n')

  expect(JSON.parse(all.at(-1) ?? '')).toMatchObject({ type: 'run.end', seq: all.length })
  const rest = await run(['export', 'latest', '--after', String(all.length - 1)])
  expect(rest.stdout).toBe(`${all.at(-1)}\n`)
})

test('open prints the address of the page, and starts a browser if it can', async () => {
  const { run, url } = await against()
  const randomId = await told()

  expect(await run(['open', '--print'])).toMatchObject({ code: 0, stdout: `${url}/\n` })
  expect(await run(['open', 'latest'], { env: { BROWSER: 'true' } })).toEqual({
    code: 0,
    stdout: `${url}/runs/${randomId}\n`,
    stderr: '',
  })
  expect(await run(['open', randomId], { env: { BROWSER: '/no/browser' } })).toMatchObject({
    code: 0,
    stderr: 'spancast: no browser could be started\n',
  })
})

const ABSENT = { randomId: '', signal: new AbortController().signal }

/** Resolves once somebody reads a stream of the bridge. */
async function streaming(url: string): Promise<void> {
  await expect
    .poll(async () => (await fetch(`${url}/metrics`)).text(), { timeout: 15_000 })
    .toMatch(/^spancast_open_streams [1-9]/m)
}

async function stateOf(url: string, randomId: string): Promise<RunState> {
  const store = watchRun(createClient({ baseUrl: url }), randomId)
  await new Promise<void>((resolve) => {
    const stop = store.subscribe(() => {
      if (store.getSnapshot().connection.state !== 'closed') return
      stop()
      resolve()
    })
  })
  return store.getSnapshot()
}
