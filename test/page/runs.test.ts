import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node'
import { AgentEventProcessor, observe, observeRun } from '@spancast/sdk'
import { expect, test } from 'vitest'
import { inBrowser } from './testing/browser.ts'
import { ERROR, readDown } from './testing/page-states.ts'
import { ScriptedRun } from './testing/scripted-run.ts'
import { watched } from './testing/watched.ts'

const SLOW = { timeout: 60_000 }
const POLL = { timeout: 20_000, interval: 30 }

inBrowser('the list of runs', (look) => {
  test('keeps still under who reads it, says how many came, and goes to them', SLOW, async () => {
    const bridge = await watched()
    const page = await readDown(look, {}, bridge)
    const placeOf = () => page.locator('[data-run="run-of-list-20"]').boundingBox()
    const before = await placeOf()

    new ScriptedRun(bridge.registry, 'run-that-is-new-1')
    await page.getByRole('button', { name: '1 new run' }).waitFor()
    new ScriptedRun(bridge.registry, 'run-that-is-new-2')
    const pill = page.getByRole('button', { name: '2 new runs' })
    await pill.waitFor()

    expect(await page.locator('[data-run="run-that-is-new-1"]').count()).toBe(0)
    expect((await placeOf())?.y).toBe(before?.y)
    await pill.click()
    await expect.poll(() => page.evaluate(() => scrollY), POLL).toBe(0)
    expect(await page.getByTestId('run').first().getAttribute('data-run')).toBe('run-that-is-new-2')
    await pill.waitFor({ state: 'detached' })
  })

  test('paused, stands still and counts what waits', SLOW, async () => {
    const bridge = await watched()
    new ScriptedRun(bridge.registry, 'run-number-one')
    const { page } = await look(bridge.url)
    await page.getByTestId('run').waitFor()
    const conn = page.getByTestId('conn')

    await page.getByRole('button', { name: 'Pause' }).click()
    expect(await conn.innerText()).toBe('Paused')
    new ScriptedRun(bridge.registry, 'run-number-two')
    await expect.poll(() => conn.innerText(), POLL).toBe('Paused · 1 new')
    expect(await page.getByTestId('run').count()).toBe(1)
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByTestId('run').nth(1).waitFor()
    expect(await conn.innerText()).toBe('Live')
  })

  test('says how long runs of one name take, once there are enough to tell', SLOW, async () => {
    const bridge = await watched()
    const finish = (at: number, name: string): void =>
      new ScriptedRun(bridge.registry, `run-of-${name}-${at}`, name).finish()
    for (const at of [1, 2]) finish(at, 'seldom')
    for (const at of [1, 2, 3]) finish(at, 'often')
    const { page } = await look(bridge.url)
    const durations = page.getByRole('list', { name: 'Durations' })
    const told = async (): Promise<string[]> => {
      await durations.waitFor()
      return durations.getByRole('listitem').allInnerTexts()
    }

    expect(await told()).toEqual([
      expect.stringMatching(/^often · 3 finished runs · p50 \d+ ms · p95 \d+ ms$/),
    ])
    finish(3, 'seldom')
    await expect.poll(async () => (await told()).length, POLL).toBe(2)
    await page.getByLabel('Search runs').fill('seldom')
    await expect.poll(async () => (await told()).length, POLL).toBe(1)
    expect(await told()).toEqual([expect.stringContaining('seldom · 3 finished runs')])
  })

  test('shows those that are asked for, and keeps the question in its address', SLOW, async () => {
    const bridge = await watched()
    new ScriptedRun(bridge.registry, 'run-that-failed', 'writer').finish(ERROR)
    new ScriptedRun(bridge.registry, 'run-that-is-on', 'reader')
    const { page } = await look(bridge.url)
    await page.getByTestId('run').nth(1).waitFor()

    await page.getByRole('button', { name: 'Failed 1' }).click()
    await expect.poll(() => page.getByTestId('run').allInnerTexts(), POLL).toHaveLength(1)
    await page.reload()
    await page.getByTestId('run').waitFor()
    expect(await page.getByTestId('run').innerText()).toContain('writer')
    await page.getByLabel('Search runs').fill('reader')
    await page.getByText('No run is like that').waitFor()
  })

  test('counts the steps of a run as the run itself does', SLOW, async () => {
    const bridge = await watched()
    const processor = new AgentEventProcessor({ registry: bridge.registry })
    new NodeTracerProvider({ spanProcessors: [processor] }).register()
    const search = observe((query: string) => query.length, { kind: 'tool', name: 'search' })
    const agent = observe(() => search('a') + search('b'), { kind: 'agent', name: 'researcher' })
    // Once opened by `observeRun`, whose span is the run itself, and once by the agent.
    await observeRun({ name: 'team', randomId: 'run-of-a-team' }, agent)
    agent()
    const { page } = await look(bridge.url)
    const lines = page.getByTestId('run')
    await lines.nth(1).waitFor()

    const listed = await lines.allInnerTexts()
    const told: string[] = []
    for (const at of [0, 1]) {
      await lines.nth(at).click()
      told.push(await page.getByTestId('steps').innerText())
      await page.getByRole('link', { name: 'Runs' }).click()
    }

    const three = expect.stringContaining('\n3\nsteps\n')
    expect(listed).toEqual([three, three])
    expect(told).toEqual(['3 steps', '3 steps'])
  })
})
