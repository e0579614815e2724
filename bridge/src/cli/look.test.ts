import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { against, failed, told } from './testing/told-runs.ts'

const TOKEN = 'a-very-secret-token'

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

test('open lets the browser read that run alone, and prints no secret', async () => {
  const { run, url } = await against({ token: TOKEN })
  const [randomId, other] = [await told(), await told()]
  const dir = await mkdtemp(join(tmpdir(), 'spancast-open-'))
  onTestFinished(() => rm(dir, { recursive: true }))
  const browser = join(dir, 'browser')
  await writeFile(browser, `#!/bin/sh\nprintf '%s\\n' "$1" > '${dir}/opened'\n`, { mode: 0o755 })
  const env = { BROWSER: browser, SPANCAST_TOKEN: TOKEN }
  const opened = (): Promise<string> => readFile(join(dir, 'opened'), 'utf8').catch(() => '')

  const { stdout, stderr } = await run(['open', randomId], { env })
  expect([stdout, stderr]).toEqual([`${url}/runs/${randomId}\n`, ''])
  await expect.poll(opened, { timeout: 15_000 }).toMatch(/\n$/)
  const [page, token = ''] = (await opened()).trimEnd().split('#token=')
  expect(page).toBe(`${url}/runs/${randomId}`)
  const statusOf = async (id: string): Promise<number> => {
    const headers = { authorization: `Bearer ${decodeURIComponent(token)}` }
    return (await fetch(`${url}/api/agents/${id}/events`, { headers })).status
  }
  expect([await statusOf(randomId), await statusOf(other)]).toEqual([200, 401])
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
