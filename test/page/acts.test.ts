import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { inBrowser } from './testing/browser.ts'
import { ScriptedRun } from './testing/scripted-run.ts'
import { watched } from './testing/watched.ts'

const SLOW = { timeout: 60_000 }
const POLL = { timeout: 20_000, interval: 30 }

inBrowser('what can be done with a run', (look) => {
  test('it is exported as the bridge has it, one event a line', SLOW, async () => {
    const bridge = await watched()
    const run = new ScriptedRun(bridge.registry, 'run-to-export')
    run.end(run.tool('search'), { result: { text: 'ü€😀\n' } })
    run.finish()
    const { page } = await look(bridge.runUrl('run-to-export'))
    await page.getByTestId('row').nth(1).waitFor()

    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export', exact: true }).click(),
    ])
    const saved = await readFile(await download.path(), 'utf8')
    const kept = await fetch(`${bridge.url}/api/agents/run-to-export/events`, {
      headers: { accept: 'application/x-ndjson' },
    })

    expect(download.suggestedFilename()).toBe('run-to-export.ndjson')
    expect(saved.trimEnd().split('\n').map(parse)).toEqual(
      (await kept.text()).trimEnd().split('\n').map(parse),
    )
    expect(saved).toContain('ü€😀')
    expect(parse(saved.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ type: 'run.end' })
  })

  test('it is cancelled from where it was asked, and from nowhere else', SLOW, async () => {
    const bridge = await watched({
      workflows: {
        research: {
          example: { question: 'Why?' },
          run: async (_input, { randomId, signal }) => {
            const run = new ScriptedRun(bridge.registry, randomId, 'asked')
            await once(signal, 'abort')
            run.observer.life.finish({ status: 'cancelled', timestamp: Date.now() })
          },
        },
      },
    })
    const { page } = await look(bridge.url)
    await page.getByLabel('question').press('Enter')
    await page.waitForURL(/\/runs\//)
    const cancel = page.getByRole('button', { name: 'Cancel run' })
    await cancel.waitFor()
    const other = await look(page.url())
    await other.page.getByTestId('row').waitFor()

    expect(await other.page.getByRole('button', { name: 'Cancel run' }).count()).toBe(0)
    await cancel.click()
    await expect.poll(() => page.getByTestId('run-status').innerText(), POLL).toBe('Cancelled')
    expect(await cancel.count()).toBe(0)
    await expect
      .poll(() => other.page.getByTestId('run-status').innerText(), POLL)
      .toBe('Cancelled')
  })

  test(
    'its time is zoomed into around the step that is chosen, panned, and fitted',
    SLOW,
    async () => {
      const bridge = await watched()
      const run = new ScriptedRun(bridge.registry, 'run-to-zoom')
      const tool = run.tool('first')
      await expect.poll(() => Date.now() - tool.startedAt, POLL).toBeGreaterThan(200)
      run.end(tool)
      run.finish()
      const { page } = await look(bridge.runUrl('run-to-zoom'))
      await page.getByTestId('row').nth(1).click()
      const bar = page.getByTestId('bar').nth(1)
      const box = async () => {
        const { x, width } = (await bar.boundingBox()) ?? { x: Number.NaN, width: Number.NaN }
        return { x, width }
      }
      const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
      const whole = await box()

      await press('Zoom in')
      await expect.poll(async () => (await box()).width / whole.width, POLL).toBeGreaterThan(1.8)
      const zoomed = await box()
      await press('Later')
      await expect.poll(async () => (await box()).x, POLL).toBeLessThan(zoomed.x)
      const later = await box()
      await press('Earlier')
      await expect.poll(async () => (await box()).x, POLL).toBeGreaterThan(later.x)
      await press('Zoom in')
      await expect.poll(async () => (await box()).width / whole.width, POLL).toBeGreaterThan(3.6)
      await press('Fit the whole run')
      await expect.poll(box, POLL).toEqual(whole)
      await press('Zoom in')
      await press('Zoom out')
      await expect.poll(box, POLL).toEqual(whole)
      expect(await page.getByRole('button', { name: 'Earlier' }).count()).toBe(0)
    },
  )
})

function parse(line: string): unknown {
  return JSON.parse(line)
}
