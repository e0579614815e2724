import { ObserverRegistry } from '@spancast/sdk'
import { createClient, type RunState, runText, watchRun } from '@spancast/sdk/client'
import { describe, expect, test } from 'vitest'
import { HeldWorkflow } from '../testing/held-workflow.ts'
import { get } from '../testing/post.ts'
import type { Terminal } from './testing/in-process.ts'
import { against, told, UTF8 } from './testing/told-runs.ts'

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

  test('says that it waits for a run that has not begun', async () => {
    const { run } = await against({ limits: { waitMs: 1500 } })

    const { code, stderr } = await run(['tail', 'run-to-come'])

    expect(code).toBe(3)
    expect(stderr).toMatch(/^spancast: waiting for the run to begin\nspancast: No run run-to-come/)
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
