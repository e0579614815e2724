import { expect, test } from 'vitest'
import { inBrowser } from './testing/browser.ts'
import { ScriptedRun, TRACE_ID } from './testing/scripted-run.ts'
import { watched } from './testing/watched.ts'

const SLOW = { timeout: 60_000 }
const POLL = { timeout: 20_000, interval: 30 }
const JAEGER = 'http://localhost:16686'
const TOKEN = 'a-very-secret-token'

inBrowser('what there is to see', (look) => {
  test('a run that nobody knows is not found', SLOW, async () => {
    const bridge = await watched({ limits: { waitMs: 100 } })
    const { page } = await look(bridge.runUrl('run-of-nobody'))

    await page.getByRole('heading', { name: 'Run not found' }).waitFor()
    expect(await page.getByTestId('conn').innerText()).toBe('Not found')
    expect((await fetch(`${bridge.url}/api/agents/run-of-nobody`)).status).toBe(404)
    new ScriptedRun(bridge.registry, 'run-of-nobody')
    await page.getByRole('button', { name: 'Look again' }).click()
    await page.getByTestId('row').waitFor()
  })

  test('a run that was let go has expired, and its trace is in Jaeger', SLOW, async () => {
    const bridge = await watched({ jaegerUiUrl: JAEGER })
    new ScriptedRun(bridge.registry, 'run-of-old').finish()
    bridge.registry.dispose('run-of-old')
    const { page } = await look(`${bridge.runUrl('run-of-old')}?trace=${TRACE_ID}`)

    await page.getByRole('heading', { name: 'This run has expired' }).waitFor()
    expect(await page.getByTestId('jaeger-link').getAttribute('href')).toBe(
      `${JAEGER}/trace/${TRACE_ID}`,
    )
  })

  test('a bridge that does not answer is tried again, and comes back', SLOW, async () => {
    const bridge = await watched()
    const { page } = await look(bridge.url)
    await page.getByText('No runs yet').waitFor()

    await bridge.away()
    const conn = () => page.getByTestId('conn').innerText()
    await expect.poll(conn, POLL).toMatch(/^Reconnecting/)
    await expect.poll(conn, POLL).toMatch(/^Offline/)
    await page.getByRole('heading', { name: 'The bridge does not answer' }).waitFor()
    await bridge.back()
    await page.getByRole('button', { name: 'Retry' }).click()
    await expect.poll(() => page.getByTestId('conn').innerText(), POLL).toBe('Live')
  })

  test('without runs the page says how to get one, and then shows it', SLOW, async () => {
    const bridge = await watched()
    const { page } = await look(bridge.url)

    const onboarding = page.getByTestId('onboarding')
    await onboarding.waitFor()
    const snippet = await onboarding.locator('pre').innerText()
    expect(snippet).toContain("import { observe } from '@spancast/sdk'")
    expect(snippet).toContain(`bridgeUrl: '${bridge.url}'`)
    new ScriptedRun(bridge.registry, 'run-number-one', 'first-agent')
    const line = page.getByTestId('run')
    await line.waitFor()
    expect(await line.innerText()).toContain('first-agent')
    await line.click()
    await page.getByTestId('row').waitFor()
    expect(page.url()).toBe(bridge.runUrl('run-number-one'))
    await page.goBack()
    await page.getByRole('heading', { name: 'Runs' }).waitFor()
  })

  test('a link to a step opens it, and leads to the same step in Jaeger', SLOW, async () => {
    const bridge = await watched({ jaegerUiUrl: `${JAEGER}/` })
    const run = new ScriptedRun(bridge.registry, 'run-with-link')
    for (let at = 1; at < 200; at++) run.end(run.tool(`tool-${at}`, run.root, { at }))
    const wanted = run.tool('wanted', run.root, { q: 'this one' })
    for (let at = 200; at < 400; at++) run.end(run.tool(`tool-${at}`))
    run.end(wanted)
    run.finish()
    const { page } = await look(`${bridge.runUrl('run-with-link')}?span=${wanted.spanId}`)

    const row = page.locator(`[data-span="${wanted.spanId}"][role=treeitem]`)
    await row.waitFor()
    expect(await row.getAttribute('aria-selected')).toBe('true')
    expect(await page.getByTestId('details').innerText()).toContain('this one')
    expect(await page.getByTestId('jaeger-link').getAttribute('href')).toBe(
      `${JAEGER}/trace/${TRACE_ID}?uiFind=${wanted.spanId}`,
    )
    expect(await row.isVisible()).toBe(true)
  })

  test(
    'a bridge with a token asks for it, and takes that of one run from a link',
    SLOW,
    async () => {
      const bridge = await watched({ token: TOKEN })
      new ScriptedRun(bridge.registry, 'run-of-ada', 'guarded').finish()
      const minted = await fetch(`${bridge.url}/api/agents/run-of-ada/token`, {
        method: 'POST',
        headers: { authorization: `Bearer ${TOKEN}` },
      })
      const { token } = (await minted.json()) as { token: string }
      const { page } = await look(bridge.url)

      await page.getByRole('heading', { name: 'Not allowed' }).waitFor()
      await page.getByLabel('Token of the bridge').fill('wrong')
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByRole('alert').waitFor()
      await page.getByLabel('Token of the bridge').fill(TOKEN)
      await page.getByRole('button', { name: 'Go on' }).click()
      await page.getByTestId('run').waitFor()
      const other = await look(`${bridge.runUrl('run-of-ada')}?token=${token}`)
      await other.page.getByTestId('row').waitFor()
      expect(other.page.url()).not.toContain('token')
      expect(other.requests.filter((url) => url.includes(TOKEN))).toEqual([])
      const before = bridge.asked.length
      const third = await look(`${bridge.runUrl('run-of-ada')}#token=${token}`)
      await third.page.getByTestId('row').waitFor()
      expect(third.page.url()).toBe(bridge.runUrl('run-of-ada'))
      const asked = bridge.asked.slice(before).map(({ url }) => url)
      expect(asked).toContain('/runs/run-of-ada')
      expect(asked.filter((path) => path?.includes('token'))).toEqual([])
    },
  )

  test('a workflow is asked from the page, and the page goes to its run', SLOW, async () => {
    const asked: unknown[] = []
    const bridge = await watched({
      workflows: {
        research: {
          description: 'Answers a question.',
          example: { question: 'Why?' },
          run: (input, { randomId }) => {
            asked.push(input)
            const run = new ScriptedRun(bridge.registry, randomId, 'asked')
            run.finish()
          },
        },
      },
    })
    const { page } = await look(bridge.url)

    await page.getByLabel('question').fill('How?')
    await page.getByLabel('question').press('Enter')
    await page.waitForURL(/\/runs\//)
    expect(asked).toEqual([{ question: 'How?' }])
  })

  test('what has no price is said, and never rounded to nothing', SLOW, async () => {
    const bridge = await watched()
    const usage = { inputTokens: 100, outputTokens: 20, totalTokens: 120 }
    const usageOf = async (id: string, costs: readonly (number | null)[]): Promise<string> => {
      const run = new ScriptedRun(bridge.registry, id)
      for (const cost of costs) run.endLlm(run.llm('some-model'), usage, cost)
      const { page } = await look(bridge.runUrl(id))
      await expect.poll(() => page.getByTestId('row').count(), POLL).toBe(costs.length + 1)
      return page.getByTestId('usage').innerText()
    }

    expect(await usageOf('run-half-priced', [0.01, null, 0.0023])).toBe(
      '300 → 60 tokens · ≥ $0.0123 · 1 of 3 unpriced',
    )
    expect(await usageOf('run-unpriced', [null, null])).toBe('200 → 40 tokens · —')
    expect(await usageOf('run-priced', [0.00001])).toBe('100 → 20 tokens · < $0.0001')
    expect(await usageOf('run-of-no-model', [])).toBe('no model calls')
  })

  test('names that would lie about themselves are shown for what they are', SLOW, async () => {
    const bridge = await watched()
    const run = new ScriptedRun(bridge.registry, 'run-of-lies', '<b>bold</b>\u202Egnp.exe')
    run.tool('\u001b[31mred\u0007', run.root, { text: 'x'.repeat(30_000), bell: '\u0007' })
    run.tool('half \ud83d of it')
    run.say('<script>alert(1)</script>', { html: '<img src=x onerror=alert(2)>' })
    run.end(run.agent('n'.repeat(100_000)))
    const { page, complaints } = await look(bridge.runUrl('run-of-lies'))
    await expect.poll(() => page.getByTestId('row').count(), POLL).toBe(4)
    await page.getByTestId('row').nth(1).click()

    const seen = await page.locator('body').innerText()
    expect(seen).toContain('<b>bold</b>�gnp.exe')
    expect(seen).toContain('␛[31mred␇')
    expect(await page.getByRole('heading', { level: 1 }).innerText()).not.toMatch(/[\u202a-\u202e]/)
    expect(await page.locator('b, img, script:not([src])').count()).toBe(0)
    await page.getByRole('button', { name: /^Show all \(30 kB\)/ }).click()
    expect((await page.getByTestId('details').innerText()).length).toBeGreaterThan(30_000)
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
    expect(complaints).toEqual([])
  })

  test('a run that is over can be gone through again', SLOW, async () => {
    const bridge = await watched()
    const run = new ScriptedRun(bridge.registry, 'run-to-replay')
    const first = run.tool('first')
    await expect.poll(() => Date.now() - first.startedAt, POLL).toBeGreaterThan(200)
    run.end(first)
    run.tool('second')
    run.finish()
    const { page } = await look(bridge.runUrl('run-to-replay'))
    await expect.poll(() => page.getByTestId('row').count(), POLL).toBe(3)

    await page.getByLabel('Moment of the run').fill('100')
    await expect.poll(() => page.getByTestId('row').count(), POLL).toBe(2)
    expect(await page.getByTestId('bar').last().getAttribute('data-state')).toBe('running')
    await page.getByRole('button', { name: 'Replay', exact: true }).click()
    await expect.poll(() => page.getByTestId('row').count(), POLL).toBe(3)
    await expect.poll(() => page.getByTestId('run-status').innerText(), POLL).toBe('Succeeded')
    expect(await page.getByRole('button', { name: 'End replay' }).count()).toBe(0)
  })
})
