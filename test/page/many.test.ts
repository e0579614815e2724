import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { inBrowser } from './testing/browser.ts'
import { ScriptedRun } from './testing/scripted-run.ts'
import { watched } from './testing/watched.ts'

const SLOW = { timeout: 180_000 }
const POLL = { timeout: 30_000, interval: 50 }
const WIDE_RING = { maxEvents: 40_000, maxRunBytes: 256 * 1024 * 1024 }

inBrowser('a run with many steps', (look) => {
  test('is followed, until the reader goes up; then it waits at its end', SLOW, async () => {
    const bridge = await watched()
    const run = new ScriptedRun(bridge.registry, 'run-to-follow')
    const { page } = await look(bridge.runUrl('run-to-follow'))
    for (let at = 1; at < 300; at++) run.tool(`tool-${at}`)
    const tree = page.getByRole('tree')
    await tree.getByText('tool-299', { exact: true }).waitFor()
    const top = (): Promise<number> => tree.evaluate((element) => element.scrollTop)
    const followed = await atEnd(page)

    await tree.hover()
    await page.mouse.wheel(0, -400)
    await expect
      .poll(top, POLL)
      .toBeLessThan(await tree.evaluate((e) => e.scrollHeight - e.clientHeight))
    const left = await top()
    for (let at = 300; at < 350; at++) run.tool(`tool-${at}`)
    const pill = page.getByTestId('follow-pill')
    await expect.poll(() => pill.innerText(), POLL).toContain('50 new')

    expect(followed).toBe(true)
    expect(await top()).toBe(left)
    await pill.click()
    await tree.getByText('tool-349', { exact: true }).waitFor()
    expect(await atEnd(page)).toBe(true)
    expect(await pill.count()).toBe(0)
    run.tool('one-more')
    await tree.getByText('one-more', { exact: true }).waitFor()
  })

  test('of 5,000 steps and 20,000 events keeps few rows, and finds any step', SLOW, async () => {
    const bridge = await watched({}, WIDE_RING)
    const run = new ScriptedRun(bridge.registry, 'run-of-many')
    const take = (from: number, to: number): void => {
      for (let at = from; at <= to; at++) {
        const tool = run.tool(`tool-${at}`)
        run.say('progress', { at }, tool)
        run.say('progress', { at, more: true }, tool)
        run.end(tool, { result: at })
      }
    }
    take(1, 4000)
    const { page } = await look(bridge.runUrl('run-of-many'))
    const step = (at: number) => page.getByRole('tree').getByText(`tool-${at}`, { exact: true })
    await step(4000).waitFor()
    let most = 0
    for (let at = 4001; at <= 5000; at += 100) {
      take(at, at + 99)
      await step(at + 99).waitFor()
      most = Math.max(most, await page.getByTestId('row').count())
    }
    await page.getByRole('searchbox').fill('tool-4711')
    await page.getByText('1 found').waitFor()

    expect(most).toBeLessThanOrEqual(80)
    expect(await step(4711).count()).toBe(1)
  })

  test('leaves no more behind the more often it is looked at', SLOW, async () => {
    const bridge = await watched({}, WIDE_RING)
    const run = new ScriptedRun(bridge.registry, 'run-again')
    for (let at = 1; at <= 2000; at++) run.end(run.tool(`tool-${at}`), { result: at })
    run.finish()
    const { page } = await look(bridge.url)
    const devtools = await page.context().newCDPSession(page)
    const heapAfterLooking = async (): Promise<number> => {
      await page.getByTestId('run').click()
      await page.getByTestId('row').nth(5).waitFor()
      await page.getByRole('link', { name: 'Runs' }).click()
      await page.getByTestId('run').waitFor()
      await devtools.send('HeapProfiler.collectGarbage')
      return (await devtools.send('Runtime.getHeapUsage')).usedSize
    }
    for (let at = 0; at < 3; at++) await heapAfterLooking()
    const first = await heapAfterLooking()
    for (let at = 0; at < 4; at++) await heapAfterLooking()

    // One look holds several megabytes: four that stayed would double it.
    expect(await heapAfterLooking()).toBeLessThan(first * 1.3)
  })
})

/** Whether the last row is in sight. */
function atEnd(page: Page): Promise<boolean> {
  return page
    .getByRole('tree')
    .evaluate((tree) => tree.scrollTop + tree.clientHeight >= tree.scrollHeight - 4)
}
