import { expect, test } from 'vitest'
import { violationsIn } from './testing/axe.ts'
import { inBrowser } from './testing/browser.ts'
import { busyRun, ERROR } from './testing/page-states.ts'
import { ScriptedRun } from './testing/scripted-run.ts'
import { watched } from './testing/watched.ts'

const SLOW = { timeout: 120_000 }
const POLL = { timeout: 20_000, interval: 30 }
const NARROW = { width: 320, height: 640 }

inBrowser('the page for everybody', (look) => {
  test(
    'everything on a phone: tabs, and details as a sheet that gives the focus back',
    SLOW,
    async () => {
      const { page } = await busyRun(look, { viewport: NARROW })

      await page.getByRole('button', { name: 'Events' }).click()
      await page.getByTestId('log-row').first().waitFor()
      expect(await violationsIn(page)).toEqual([])
      await page.getByRole('button', { name: 'Text', exact: true }).click()
      expect(await page.getByTestId('text').innerText()).toBe('word for word')
      expect(await violationsIn(page)).toEqual([])
      await page.getByRole('button', { name: 'Info' }).click()
      await page.getByRole('button', { name: 'Export' }).waitFor()
      expect(await violationsIn(page)).toEqual([])
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
    const { page } = await busyRun(look, { reducedMotion: 'reduce' })

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
