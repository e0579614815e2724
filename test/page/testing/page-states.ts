import type { BrowserContextOptions, Page } from 'playwright-core'
import { expect, onTestFinished, vi } from 'vitest'
import type { Look } from './browser.ts'
import { ScriptedRun } from './scripted-run.ts'
import { watched } from './watched.ts'

const POLL = { timeout: 30_000, interval: 30 }
export const ERROR = {
  type: 'TimeoutError',
  message: 'upstream 504',
  stack: 'at search (tools.ts:3:1)',
}
const USAGE = { inputTokens: 1200, outputTokens: 80, totalTokens: 1280 }

/** Brings the page to where it can be seen. */
export type PageState = (look: Look, options: BrowserContextOptions) => Promise<Page>

/** All that can be seen of the page, by what it is called. */
export const PAGE_STATES: Readonly<Record<string, PageState>> = {
  'no runs yet, and a workflow to ask': async (look, options) => {
    const { url } = await watched({
      workflows: { ask: { description: 'Asks.', example: { question: 'Why?' }, run: () => 1 } },
    })
    const { page } = await look(url, options)
    await page.getByTestId('onboarding').waitFor()
    await page.getByLabel('question').waitFor()
    return page
  },
  'the list': async (look, options) => {
    const { registry, url } = await watched()
    new ScriptedRun(registry, 'run-one-of-two').finish(ERROR)
    new ScriptedRun(registry, 'run-two-of-two')
    const { page } = await look(url, options)
    await page.getByTestId('run').nth(1).waitFor()
    return page
  },
  'the list, paused, searched for what it has not': async (look, options) => {
    const { registry, url } = await watched()
    new ScriptedRun(registry, 'run-one-of-two')
    const { page } = await look(url, options)
    await page.getByTestId('run').waitFor()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByLabel('Search runs').fill('nothing like it')
    await page.getByText('No run is like that').waitFor()
    return page
  },
  'the list, read further down while runs come in': async (look, options) => {
    const { registry, url } = await watched()
    const page = await readDown(look, options, { registry, url })
    new ScriptedRun(registry, 'run-that-is-new')
    await page.getByRole('button', { name: '1 new run' }).waitFor()
    return page
  },
  'the list of a bridge that is away': async (look, options) => {
    const bridge = await watched()
    const { page } = await look(bridge.url, options)
    await page.getByTestId('onboarding').waitFor()
    await bridge.away()
    await page.getByRole('heading', { name: 'The bridge does not answer' }).waitFor()
    return page
  },
  'the form for a token': async (look, options) => {
    const { url } = await watched({ token: 'a-very-secret-token' })
    const { page } = await look(url, options)
    await page.getByLabel('Token of the bridge').waitFor()
    return page
  },
  'a token that is not taken': async (look, options) => {
    const { runUrl } = await watched({ token: 'a-very-secret-token' })
    const { page } = await look(runUrl('run-of-others'), options)
    await page.getByLabel('Token of the bridge').fill('wrong')
    await page.getByRole('button', { name: 'Go on' }).click()
    await page.getByRole('alert').waitFor()
    return page
  },
  'a run that is waited for': async (look, options) => {
    const { runUrl } = await watched()
    const { page } = await look(runUrl('run-to-come'), options)
    await page.getByText('Waiting for the run').waitFor()
    return page
  },
  'a run that has not begun': async (look, options) => {
    const { registry, runUrl } = await watched()
    registry.create('run-not-begun')
    const { page } = await look(runUrl('run-not-begun'), options)
    await page.getByRole('heading', { name: 'No events yet' }).waitFor()
    return page
  },
  'a run that is being asked for': async (look, options) => {
    const { runUrl } = await watched()
    const { page } = await look(runUrl('run-to-come'), options)
    await page.getByText('Connecting').first().waitFor()
    return page
  },
  'a run that nobody knows': async (look, options) => {
    const { runUrl } = await watched({ limits: { waitMs: 100 } })
    const { page } = await look(runUrl('run-of-nobody'), options)
    await page.getByRole('heading', { name: 'Run not found' }).waitFor()
    return page
  },
  'a run of a bridge that is away': async (look, options) => {
    const bridge = await watched()
    const { page } = await look(bridge.runUrl('run-to-come'), options)
    await page.getByText('Waiting for the run').waitFor()
    await bridge.away()
    await page.getByRole('heading', { name: 'The bridge does not answer' }).waitFor()
    return page
  },
  'a run that has expired': async (look, options) => {
    const { registry, runUrl } = await watched({ jaegerUiUrl: 'http://localhost:16686' })
    new ScriptedRun(registry, 'run-let-go').finish()
    registry.dispose('run-let-go')
    const { page } = await look(`${runUrl('run-let-go')}?trace=${'4'.repeat(32)}`, options)
    await page.getByRole('heading', { name: 'This run has expired' }).waitFor()
    return page
  },
  'a run that goes on': async (look, options) => {
    const { page } = await busyRun(look, options)
    return page
  },
  'a run that goes on, paused': async (look, options) => {
    const { page, run } = await busyRun(look, options)
    await page.getByRole('button', { name: 'Pause' }).click()
    run.say('progress', { at: 1 })
    await expect.poll(() => page.getByTestId('conn').innerText(), POLL).toBe('Paused · 1 new')
    return page
  },
  'a run that goes on, without a connection': async (look, options) => {
    const { page, bridge } = await busyRun(look, options)
    await bridge.away()
    await page.getByTestId('frozen-banner').waitFor()
    return page
  },
  'a run that is stalled': async (look, options) => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    onTestFinished(() => {
      vi.useRealTimers()
    })
    const { page } = await busyRun(look, options, { limits: { heartbeatMs: 100 } })
    vi.setSystemTime(Date.now() + 50_000)
    await page.getByTestId('stalled-banner').waitFor()
    vi.useRealTimers()
    return page
  },
  'a run that has failed': async (look, options) => {
    const { registry, runUrl } = await watched()
    const run = new ScriptedRun(registry, 'run-that-fails')
    run.end(run.tool('web_search'), { error: ERROR })
    run.end(run.tool('read_file'), { error: ERROR })
    run.finish(ERROR)
    const { page } = await look(runUrl('run-that-fails'), options)
    await page.getByTestId('error-banner').getByRole('button').click()
    await page.getByRole('button', { name: 'Previous' }).waitFor()
    return page
  },
  'a run that was abandoned': async (look, options) => {
    const { registry, runUrl } = await watched()
    const run = new ScriptedRun(registry, 'run-given-up')
    run.tool('web_search')
    run.observer.life.finish({ status: 'abandoned', timestamp: Date.now() })
    const { page } = await look(runUrl('run-given-up'), options)
    await page.locator('[data-testid=run-status][data-status=abandoned]').waitFor()
    return page
  },
  'a run whose bridge was restarted': async (look, options) => {
    const { page, run, bridge } = await busyRun(look, options)
    await bridge.away()
    bridge.registry.dispose(run.observer.randomId)
    bridge.registry.create(run.observer.randomId)
    await bridge.back()
    await page.getByText('The bridge was restarted').waitFor()
    return page
  },
  'a run that is over, gone through again and zoomed': async (look, options) => {
    const { registry, runUrl } = await watched({ jaegerUiUrl: 'http://localhost:16686' })
    const run = new ScriptedRun(registry, 'run-to-replay')
    const first = run.tool('first')
    await expect.poll(() => Date.now() - first.startedAt, POLL).toBeGreaterThan(200)
    run.endLlm(run.llm('gpt-x'), USAGE, 0.0042)
    run.end(first)
    run.finish()
    const { page } = await look(runUrl('run-to-replay'), options)
    await expect.poll(() => page.getByTestId('row').count(), POLL).toBe(3)
    // Where it is narrow there is no room to zoom.
    const zoomIn = page.getByRole('button', { name: 'Zoom in' })
    if (await zoomIn.isVisible()) await zoomIn.click()
    await page.getByLabel('Moment of the run').fill('100')
    await page.getByRole('button', { name: 'End replay' }).waitFor()
    return page
  },
  'a run of which something is missing': async (look, options) => {
    const { registry, runUrl } = await watched({}, { maxEvents: 40 })
    const run = new ScriptedRun(registry, 'run-with-a-gap')
    for (let at = 0; at < 40; at++) run.end(run.tool(`tool-${at}`))
    const { page } = await look(runUrl('run-with-a-gap'), options)
    await page.getByTestId('gap-banner').getByRole('button').click()
    await page.getByRole('tree').getByTestId('gap').waitFor()
    return page
  },
  help: async (look, options) => {
    const { url } = await watched()
    const { page } = await look(url, options)
    await page.getByTestId('onboarding').waitFor()
    await page.getByRole('button', { name: 'Keys and help' }).click()
    await page.getByRole('dialog').waitFor()
    return page
  },
  'no such page': async (look, options) => {
    const { url } = await watched()
    const { page } = await look(`${url}/runs/no`, options)
    await page.getByRole('heading', { name: 'No such page' }).waitFor()
    return page
  },
}

/** A run with something of everything, which goes on. */
export async function busyRun(
  look: Look,
  options: BrowserContextOptions = {},
  bridgeOptions: Parameters<typeof watched>[0] = {},
): Promise<{ page: Page; run: ScriptedRun; bridge: Awaited<ReturnType<typeof watched>> }> {
  const bridge = await watched(bridgeOptions)
  const run = new ScriptedRun(bridge.registry, 'run-that-runs')
  run.end(run.tool('read_file'), { result: { lines: 3 } })
  run.end(run.tool('web_search'), { error: ERROR })
  const call = run.llm('gpt-x', run.agent('writer'))
  run.chunk(call, 'word for word')
  const { page } = await look(bridge.runUrl('run-that-runs'), options)
  await expect.poll(() => page.getByTestId('row').count(), POLL).toBe(5)
  return { page, run, bridge }
}

/** A list that is longer than the window, whose reader has gone down. */
export async function readDown(
  look: Look,
  options: BrowserContextOptions,
  { registry, url }: Pick<Awaited<ReturnType<typeof watched>>, 'registry' | 'url'>,
): Promise<Page> {
  for (let at = 10; at < 50; at++) new ScriptedRun(registry, `run-of-list-${at}`).finish()
  const { page } = await look(url, options)
  await page.getByTestId('run').nth(39).waitFor()
  await page.mouse.move(150, 400)
  await page.mouse.wheel(0, 500)
  await expect.poll(() => page.evaluate(() => scrollY), POLL).toBeGreaterThan(200)
  return page
}
