import { expect, test, vi } from 'vitest'
import { inBrowser } from './testing/browser.ts'
import { ScriptedRun } from './testing/scripted-run.ts'
import { watched } from './testing/watched.ts'

const SLOW = { timeout: 60_000 }
const POLL = { timeout: 20_000, interval: 30 }

inBrowser('a run, while it runs', (look) => {
  test('who was there before it began sees it begin, without loading again', SLOW, async () => {
    const bridge = await watched()
    const { page } = await look(bridge.runUrl('run-to-come'))
    await page.getByText('Waiting for the run').waitFor()

    const run = new ScriptedRun(bridge.registry, 'run-to-come')
    await page.getByTestId('row').waitFor()

    expect(await page.getByTestId('row').innerText()).toContain('research-agent')
    expect(await page.getByTestId('run-status').innerText()).toBe('Running')
    expect(await page.getByTestId('conn').innerText()).toBe('Live')
    run.finish()
    await expect.poll(() => page.getByTestId('run-status').innerText(), POLL).toBe('Succeeded')
  })

  test('a bar grows while its tool runs, and then stands still', SLOW, async () => {
    const bridge = await watched()
    const run = new ScriptedRun(bridge.registry, 'run-of-bars')
    const { page } = await look(bridge.runUrl('run-of-bars'))
    const tool = run.tool('web_search')
    const bar = page.locator('[data-testid=row]', { hasText: 'web_search' }).getByTestId('bar')
    await bar.waitFor()
    // In time, not in pixels: the view grows with the run, and a bar by its side may look as long as before.
    const length = () =>
      bar.evaluate((element) => {
        const { width } = element.getBoundingClientRect()
        const lane = element.parentElement?.getBoundingClientRect().width ?? 1
        const now = Number(getComputedStyle(element).getPropertyValue('--now'))
        return (width / lane) * now
      })
    const first = await length()

    expect(await bar.getAttribute('data-state')).toBe('running')
    await expect.poll(length, POLL).toBeGreaterThan(first + 300)
    const duration = run.end(tool, { result: { hits: 3 } })
    await expect.poll(() => bar.getAttribute('data-state'), POLL).toBe('ok')
    run.finish()
    await expect.poll(() => page.getByTestId('run-status').innerText(), POLL).toBe('Succeeded')
    const widths = await bar.evaluate(async (element) => {
      const before = element.getBoundingClientRect().width
      await new Promise((resolve) => setTimeout(resolve, 300))
      return [before, element.getBoundingClientRect().width]
    })
    const told = await page.locator('[data-testid=row]', { hasText: 'web_search' }).innerText()

    expect(widths[0]).toBe(widths[1])
    expect(told).toContain(
      duration < 999.5 ? `${duration} ms` : `${(duration / 1000).toFixed(2)} s`,
    )
  })

  test('text comes in piece by piece, and is text whatever it says', SLOW, async () => {
    const bridge = await watched()
    const run = new ScriptedRun(bridge.registry, 'run-of-words')
    const { page, complaints } = await look(bridge.runUrl('run-of-words'))
    const call = run.llm('gpt-x')
    const hostile = [
      '</script><img src=x onerror=alert(1)>',
      'ü€😀 ',
      '\u001b]0;x\u0007',
      '\u202Eabc\u202C ',
    ]
    const deltas = Array.from({ length: 200 }, (_, at) => `${hostile[at % 50] ?? `word${at} `}`)
    const shown = async (): Promise<string> => (await page.getByTestId('text').textContent()) ?? ''
    const samples: number[] = []

    for (let at = 0; at < deltas.length; at += 40) {
      for (const delta of deltas.slice(at, at + 40)) run.chunk(call, delta)
      const sofar = deltas.slice(0, at + 40).join('')
      await page.getByTestId('text').waitFor()
      await expect.poll(shown, POLL).toBe(sofar)
      samples.push((await shown()).length)
    }
    run.endLlm(call, { inputTokens: 3, outputTokens: 200, totalTokens: 203 }, 0.01)
    run.finish()
    await expect.poll(() => page.getByTestId('run-status').innerText(), POLL).toBe('Succeeded')

    expect(samples).toEqual([...samples].sort((a, b) => a - b))
    expect(new Set(samples).size).toBe(5)
    await page.getByTestId('row').filter({ hasText: 'gpt-x' }).click()
    expect(await shown()).toBe(deltas.join(''))
    expect(await page.locator('img').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  test('what fails is told once, can be gone to, and marks the window', SLOW, async () => {
    const bridge = await watched()
    const run = new ScriptedRun(bridge.registry, 'run-of-errors')
    const { page } = await look(bridge.runUrl('run-of-errors'))
    await page.getByTestId('row').waitFor()
    await page.evaluate(() => {
      const node = document.querySelector('[data-testid=announcer]')
      const said: string[] = []
      Object.assign(window, { said })
      if (node === null) return
      new MutationObserver(() => said.push(node.textContent ?? '')).observe(node, {
        childList: true,
        characterData: true,
        subtree: true,
      })
    })
    const error = { type: 'TimeoutError', message: 'upstream 504' }
    run.end(run.tool('web_search'), { error })
    run.finish(error)
    await page.getByTestId('error-banner').waitFor()
    await expect.poll(() => page.title(), POLL).toMatch(/^✖/)
    await page.locator('body').press('n')
    await expect
      .poll(() => page.evaluate(() => document.activeElement?.textContent), POLL)
      .toContain('web_search')
    const row = await page.evaluate(() => document.activeElement?.innerHTML)
    const said = () => page.evaluate(() => (window as unknown as { said: string[] }).said)
    await expect.poll(async () => (await said()).join(), POLL).toContain('failed')

    expect(await page.getByTestId('error-banner').innerText()).toContain('upstream 504')
    expect(row).toContain('icon-error')
    expect(await page.evaluate(() => document.activeElement?.textContent)).toContain('error')
    expect((await said()).filter((text) => text.includes('web_search failed'))).toHaveLength(1)
  })

  test('a run that falls silent is stalled, and nothing grows any more', SLOW, async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() })
    try {
      const bridge = await watched({ limits: { heartbeatMs: 100 } })
      const run = new ScriptedRun(bridge.registry, 'run-of-silence')
      run.tool('web_search')
      const { page } = await look(bridge.runUrl('run-of-silence'))
      await page.getByTestId('row').nth(1).waitFor()
      vi.setSystemTime(Date.now() + 50_000)

      await expect.poll(() => page.getByTestId('run-status').innerText(), POLL).toBe('Stalled')
      const now = () =>
        page.locator('.run').evaluate(async (element) => {
          const before = element.style.getPropertyValue('--now')
          await new Promise((resolve) => setTimeout(resolve, 400))
          return [before, element.style.getPropertyValue('--now')]
        })
      const [before, after] = await now()

      expect(before).toBe(after)
      expect(await page.getByTestId('stalled-banner').innerText()).toContain('No sign of life')
      expect(await page.getByTestId('bar').last().getAttribute('data-state')).toBe('stalled')
      expect(await page.getByTestId('conn').innerText()).toBe('Live')
    } finally {
      vi.useRealTimers()
    }
  })

  test(
    'a run that is over closes its stream for good, with what came after its root',
    SLOW,
    async () => {
      const bridge = await watched()
      const run = new ScriptedRun(bridge.registry, 'run-to-its-end')
      const { page, requests } = await look(bridge.runUrl('run-to-its-end'))
      await page.getByTestId('row').waitFor()
      const late = run.tool('cleanup')
      run.end(run.root)
      run.end(late, { result: 'swept' })
      run.observer.life.finish({ status: 'ok', timestamp: Date.now() })
      await expect.poll(() => page.getByTestId('conn').innerText(), POLL).toBe('Complete')
      const before = requests.length
      // It would come back within a second or two.
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 5000)))

      expect(await page.getByTestId('run-status').innerText()).toBe('Succeeded')
      expect(await page.getByTestId('row').filter({ hasText: 'cleanup' }).count()).toBe(1)
      expect(requests.slice(before)).toEqual([])
    },
  )
})
