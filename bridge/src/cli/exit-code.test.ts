import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { emit, ObserverRegistry, observeRun } from '@spancast/sdk'
import { describe, expect, test } from 'vitest'
import { HeldWorkflow } from '../testing/held-workflow.ts'
import { inProcess } from './testing/in-process.ts'
import { startSpancast } from './testing/spancast.ts'
import { against, failed, streaming, told, UTF8 } from './testing/told-runs.ts'

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

const ABSENT = { randomId: '', signal: new AbortController().signal }
