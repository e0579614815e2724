import { expect, test } from 'vitest'
import { inBrowser } from './testing/browser.ts'
import { ScriptedRun } from './testing/scripted-run.ts'
import { watched } from './testing/watched.ts'

const SLOW = { timeout: 60_000 }
const POLL = { timeout: 30_000, interval: 30 }

inBrowser('a connection that is lost', (look) => {
  test('is found again, and nothing is missed or seen twice', SLOW, async () => {
    const bridge = await watched()
    const run = new ScriptedRun(bridge.registry, 'run-to-resume')
    const { page } = await look(bridge.runUrl('run-to-resume'), {
      viewport: { width: 1280, height: 2000 },
    })
    for (let at = 3; at <= 50; at++) run.say('progress', { at })
    await expect.poll(() => page.locator('[data-seq="50"]').count(), POLL).toBe(1)

    await bridge.away()
    await expect.poll(() => page.getByTestId('conn').innerText(), POLL).toContain('Reconnecting')
    const frozen = await page.locator('.run').evaluate(async (element) => {
      const before = element.style.getPropertyValue('--now')
      await new Promise((resolve) => setTimeout(resolve, 300))
      return before === element.style.getPropertyValue('--now')
    })
    const banner = await page.getByTestId('frozen-banner').innerText()
    for (let at = 51; at <= 100; at++) run.say('progress', { at })
    const asked = bridge.streams().length
    await bridge.back()
    await page
      .getByText('Retry now')
      .click({ timeout: 1000 })
      .catch(() => {})
    await expect.poll(() => page.getByTestId('conn').innerText(), POLL).toBe('Live')
    await page.locator('[data-seq="100"]').waitFor()

    expect(frozen).toBe(true)
    expect(banner).toMatch(/^Showing data up to .* Steps may have finished since\.$/)
    expect(bridge.streams()[asked]?.headers['last-event-id']).toMatch(/\.50$/)
    expect(await seqsOf(page)).toEqual(Array.from({ length: 100 }, (_, at) => at + 1))
  })

  test('for so long that the bridge let go of something, says what is missing', SLOW, async () => {
    const bridge = await watched({}, { maxEvents: 20 })
    const run = new ScriptedRun(bridge.registry, 'run-with-gap')
    const call = run.llm('gpt-x')
    run.endLlm(call, { inputTokens: 10, outputTokens: 5, totalTokens: 15 }, 0.01)
    const { page, complaints } = await look(bridge.runUrl('run-with-gap'))
    await page.locator('[data-seq="4"]').waitFor()

    await bridge.away()
    for (let at = 1; at <= 40; at++) run.end(run.tool(`tool-${at}`))
    await bridge.back()
    await page
      .getByText('Retry now')
      .click({ timeout: 1000 })
      .catch(() => {})
    await page.getByTestId('gap-banner').waitFor({ timeout: 30_000 })
    await page.getByTestId('gap-banner').getByRole('button').click()
    const inTree = page.getByRole('tree').getByTestId('gap')
    await inTree.waitFor()

    expect(await inTree.count()).toBe(1)
    expect(await inTree.innerText()).toMatch(/^\d+ events missing \(5–\d+\)$/)
    expect(await page.getByTestId('usage').innerText()).toMatch(/^≥ 10 → 5 tokens · ≥ \$0\.0100$/)
    await page.getByRole('log').evaluate((log) => {
      log.dispatchEvent(new WheelEvent('wheel', { deltaY: -1 }))
      log.scrollTop = 0
    })
    await expect.poll(() => page.getByRole('log').getByTestId('gap').count(), POLL).toBe(1)
    expect(complaints.filter((text) => !text.includes('ERR_'))).toEqual([])
  })
})

/** The numbers of all events in the log, top to bottom. */
async function seqsOf(page: import('playwright-core').Page): Promise<number[]> {
  return page.getByRole('log').evaluate(async (log) => {
    const seen = new Map<number, number>()
    log.dispatchEvent(new WheelEvent('wheel', { deltaY: -1 }))
    for (let top = 0; top <= log.scrollHeight; top += 100) {
      log.scrollTop = top
      await new Promise((resolve) => setTimeout(resolve, 60))
      for (const row of log.querySelectorAll<HTMLElement>('[data-seq]')) {
        seen.set(Number(row.style.transform.match(/\d+/)?.[0]), Number(row.dataset.seq))
      }
    }
    return [...seen].sort(([a], [b]) => a - b).map(([, seq]) => seq)
  })
}
