import axe from 'axe-core'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { inBrowser, type Look } from './testing/browser.ts'
import { ScriptedRun } from './testing/scripted-run.ts'
import { type Watched, watched } from './testing/watched.ts'

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const SLOW = { timeout: 120_000 }
const POLL = { timeout: 20_000, interval: 30 }
const NARROW = { width: 320, height: 640 }
const ERROR = { type: 'TimeoutError', message: 'upstream 504', stack: 'at search (tools.ts:3:1)' }

/** What can be seen: each brings the page there. */
const STATES: Readonly<
  Record<string, (bridge: Watched, look: Look, options: object) => Promise<Page>>
> = {
  empty: async (bridge, look, options) => {
    const { page } = await look(bridge.url, options)
    await page.getByTestId('onboarding').waitFor()
    return page
  },
  list: async (bridge, look, options) => {
    new ScriptedRun(bridge.registry, 'run-one-of-two').finish(ERROR)
    new ScriptedRun(bridge.registry, 'run-two-of-two')
    const { page } = await look(bridge.url, options)
    await page.getByTestId('run').nth(1).waitFor()
    return page
  },
  live: async (bridge, look, options) => {
    const page = await busy(bridge, look, options)
    return page
  },
  paused: async (bridge, look, options) => {
    const page = await busy(bridge, look, options)
    await page.getByRole('button', { name: 'Pause' }).click()
    return page
  },
  error: async (bridge, look, options) => {
    const run = new ScriptedRun(bridge.registry, 'run-that-fails')
    run.end(run.tool('web_search'), { error: ERROR })
    run.finish(ERROR)
    const { page } = await look(bridge.runUrl('run-that-fails'), options)
    await page.getByTestId('error-banner').waitFor()
    return page
  },
  gap: async (bridge, look, options) => {
    const run = new ScriptedRun(bridge.registry, 'run-with-a-gap')
    for (let at = 0; at < 40; at++) run.end(run.tool(`tool-${at}`))
    const { page } = await look(`${bridge.runUrl('run-with-a-gap')}`, options)
    await page.getByTestId('gap-banner').getByRole('button').click()
    await page.getByRole('tree').getByTestId('gap').waitFor()
    return page
  },
  reconnecting: async (bridge, look, options) => {
    const page = await busy(bridge, look, options)
    await bridge.away()
    await page.getByTestId('frozen-banner').waitFor()
    return page
  },
  expired: async (bridge, look, options) => {
    new ScriptedRun(bridge.registry, 'run-let-go').finish()
    bridge.registry.dispose('run-let-go')
    const { page } = await look(bridge.runUrl('run-let-go'), options)
    await page.getByRole('heading', { name: 'This run has expired' }).waitFor()
    return page
  },
  help: async (bridge, look, options) => {
    const { page } = await look(bridge.url, options)
    await page.getByTestId('onboarding').waitFor()
    await page.getByRole('button', { name: 'Keys and help' }).click()
    await page.getByRole('dialog').waitFor()
    return page
  },
}

inBrowser('the page for everybody', (look) => {
  test.each(
    Object.keys(STATES).flatMap((state) =>
      (['light', 'dark'] as const).map((scheme) => [state, scheme] as const),
    ),
  )('axe finds nothing: %s, %s', SLOW, async (state, colorScheme) => {
    for (const viewport of [{ width: 1280, height: 800 }, NARROW]) {
      const bridge = await watched(
        {
          workflows: { ask: { description: 'Asks.', example: { question: 'Why?' }, run: () => 1 } },
        },
        { maxEvents: 40 },
      )
      const page = await STATES[state]?.(bridge, look, { colorScheme, viewport })
      if (page === undefined) throw new Error(`There is no state ${state}.`)
      expect(await violationsIn(page)).toEqual([])
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(
        viewport.width,
      )
    }
  })

  test(
    'everything on a phone: tabs, and details as a sheet that gives the focus back',
    SLOW,
    async () => {
      const bridge = await watched()
      const page = await busy(bridge, look, { viewport: NARROW })

      await page.getByRole('button', { name: 'Events' }).click()
      await page.getByTestId('log-row').first().waitFor()
      await page.getByRole('button', { name: 'Text', exact: true }).click()
      expect(await page.getByTestId('text').innerText()).toBe('word for word')
      await page.getByRole('button', { name: 'Info' }).click()
      await page.getByRole('button', { name: 'Export' }).waitFor()
      await page.getByRole('button', { name: 'Timeline' }).click()
      await page.getByTestId('row').nth(1).focus()
      await page.keyboard.press('Enter')
      const sheet = page.getByRole('dialog')
      await sheet.waitFor()
      expect(await violationsIn(page)).toEqual([])
      await page.keyboard.press('Escape')
      await sheet.waitFor({ state: 'detached' })
      expect(await page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe(
        'treeitem',
      )
    },
  )

  test('keys alone lead from the list to a step and back', SLOW, async () => {
    const bridge = await watched()
    const run = new ScriptedRun(bridge.registry, 'run-by-keys')
    const planner = run.agent('planner')
    run.end(run.tool('search', planner), { error: ERROR })
    run.end(planner)
    run.finish()
    const { page } = await look(bridge.url)
    await page.getByTestId('run').focus()
    await page.keyboard.press('Enter')
    await page.getByTestId('row').nth(2).waitFor()
    const active = () =>
      page.evaluate(() => document.activeElement?.querySelector('.name')?.textContent)

    await page.keyboard.press('n')
    await expect.poll(active, POLL).toBe('search')
    await page.keyboard.press('ArrowLeft')
    await expect.poll(active, POLL).toBe('planner')
    await page.keyboard.press('ArrowLeft')
    await expect.poll(() => page.getByTestId('row').count(), POLL).toBe(2)
    await page.keyboard.press('e')
    await expect.poll(() => page.getByTestId('row').count(), POLL).toBe(3)
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.getAttribute('aria-label')), POLL)
      .toBe('Details')
    await page.keyboard.press('Escape')
    await expect.poll(active, POLL).toBe('search')
    await page.keyboard.press('/')
    await page.keyboard.type('plan')
    await page.getByText('1 found').waitFor()
    await page.keyboard.press('Tab')
    await page.keyboard.press('?')
    await page.getByRole('dialog').waitFor()
    await page.getByLabel('Single keys act').uncheck()
    await page.keyboard.press('Escape')
    await page.keyboard.press('?')
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  test('who wants no motion gets none', SLOW, async () => {
    const bridge = await watched()
    const page = await busy(bridge, look, { reducedMotion: 'reduce' })

    expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
  })

  test('Pause stops what moves, and nothing is lost by it', SLOW, async () => {
    const bridge = await watched()
    const run = new ScriptedRun(bridge.registry, 'run-to-pause')
    const { page } = await look(bridge.runUrl('run-to-pause'))
    await page.getByTestId('row').waitFor()

    await page.keyboard.press(' ')
    await page.getByRole('button', { name: 'Resume' }).waitFor()
    const changes = page.locator('main').evaluate(async (main) => {
      let seen = 0
      const observer = new MutationObserver((records) => {
        seen += records.length
      })
      observer.observe(main, {
        subtree: true,
        childList: true,
        attributes: true,
        characterData: true,
      })
      await new Promise((resolve) => setTimeout(resolve, 1200))
      return seen
    })
    for (let at = 0; at < 34; at++) run.say('progress', { at })

    expect(await changes).toBe(0)
    await expect.poll(() => page.getByTestId('conn').innerText(), POLL).toBe('Paused · 34 new')
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.locator('[data-seq="36"]').waitFor()
  })

  test('streamed text is not read out word by word', SLOW, async () => {
    const bridge = await watched()
    const run = new ScriptedRun(bridge.registry, 'run-of-talk')
    const { page } = await look(bridge.runUrl('run-of-talk'))
    const call = run.llm('gpt-x')
    await page.getByTestId('row').nth(1).waitFor()
    const said = page.getByTestId('announcer').evaluate(async (node) => {
      let changes = 0
      new MutationObserver(() => changes++).observe(node, {
        subtree: true,
        childList: true,
        characterData: true,
      })
      await new Promise((resolve) => setTimeout(resolve, 3000))
      return changes
    })
    for (let at = 0; at < 200; at++) run.chunk(call, `word${at} `)

    expect(await said).toBeLessThanOrEqual(2)
    expect(await page.getByTestId('text').getAttribute('aria-live')).toBe('off')
  })
})

/** A run with something of everything, which goes on. */
async function busy(bridge: Watched, look: Look, options: object): Promise<Page> {
  const run = new ScriptedRun(bridge.registry, 'run-that-runs')
  run.end(run.tool('read_file'), { result: { lines: 3 } })
  run.end(run.tool('web_search'), { error: ERROR })
  const call = run.llm('gpt-x', run.agent('writer'))
  run.chunk(call, 'word for word')
  const { page } = await look(bridge.runUrl('run-that-runs'), options)
  await expect.poll(() => page.getByTestId('row').count(), POLL).toBe(5)
  return page
}

async function violationsIn(page: Page): Promise<unknown> {
  await page.evaluate(axe.source)
  return page.evaluate(async (values) => {
    // What was just put there.
    const { axe } = window as unknown as {
      axe: {
        run(
          context: Document,
          options: object,
        ): Promise<{
          violations: { id: string; nodes: { html: string; failureSummary: string }[] }[]
        }>
      }
    }
    const { violations } = await axe.run(document, { runOnly: { type: 'tag', values } })
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
    )
  }, TAGS)
}
