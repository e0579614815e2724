import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { rawGet } from '../../bridge/src/testing/raw-request.ts'
import { inBrowser } from './testing/browser.ts'
import { ScriptedRun } from './testing/scripted-run.ts'
import { watched } from './testing/watched.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const SLOW = { timeout: 90_000 }
const POLL = { timeout: 30_000, interval: 50 }

test('the page is at most 40 KiB of JavaScript and 8 KiB of CSS', () => {
  const folder = join(ROOT, 'bridge/dist/ui/spancast-page')
  const sizeOf = (ending: string): number =>
    readdirSync(folder)
      .filter((name) => name.endsWith(ending))
      .reduce((sum, name) => sum + readFileSync(join(folder, name)).length, 0)

  expect(sizeOf('.js.gz')).toBeGreaterThan(10_000)
  expect(sizeOf('.js.gz')).toBeLessThanOrEqual(40 * 1024)
  expect(sizeOf('.css.gz')).toBeLessThanOrEqual(8 * 1024)
})

test('the page is written against React and the client that everybody has', () => {
  const folder = join(ROOT, 'bridge/ui/src')
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.includes('.test.'))
    .map((name) => readFileSync(join(folder, name), 'utf8'))
  const imported = sources.flatMap((text) =>
    [...text.replace(/`[^`]*`/g, '').matchAll(/from '([^'.][^']*)'/g)].map(([, name = '']) => name),
  )

  expect([...new Set(imported)].sort()).toEqual([
    '@spancast/sdk/client',
    '@spancast/sdk/react',
    'react',
    'react-dom/client',
  ])
})

test.each([
  '/',
  '/runs/run-of-ada',
  '/spancast-page/any.js',
  '/api/agents',
  '/api/agents/stream',
  '/api/agents/run-of-ada',
  '/api/agents/run-of-ada/stream',
  '/api/agents/run-of-ada/events',
  '/api/workflows',
  '/metrics',
])('%s answers to no name but its own, and to no page but its own', async (path) => {
  const bridge = await watched()
  new ScriptedRun(bridge.registry, 'run-of-ada').finish()

  const rebound = await rawGet(bridge.port, path, { Host: 'evil.example' })
  const foreign = await rawGet(bridge.port, path, { Origin: 'https://evil.example' })

  expect(rebound.status).toBe(403)
  expect(foreign.headers).not.toHaveProperty('access-control-allow-origin')
})

inBrowser('the page by itself', (look) => {
  test('asks nobody but its bridge for anything', SLOW, async () => {
    const bridge = await watched({ jaegerUiUrl: 'http://jaeger.example' })
    const run = new ScriptedRun(bridge.registry, 'run-alone')
    run.tool('https://elsewhere.example/a.png', run.root, { url: '//elsewhere.example' })
    const { page, requests, complaints } = await look(bridge.url)
    await page.getByTestId('run').click()
    await page.getByTestId('row').nth(1).click()

    expect(requests.length).toBeGreaterThan(3)
    expect(
      requests.filter((url) => !url.startsWith(`${bridge.url}/`) && !url.startsWith('data:')),
    ).toEqual([])
    expect(complaints).toEqual([])
  })

  test(
    'seven tabs share what a browser has for one server: those that are hidden give it up',
    SLOW,
    async () => {
      const bridge = await watched()
      new ScriptedRun(bridge.registry, 'run-in-tabs')
      const { page: first } = await look(bridge.runUrl('run-in-tabs'))
      const pages = [first]
      for (let at = 1; at < 7; at++) {
        await hide(pages.at(-1) ?? first)
        // One that is hidden keeps its stream for five seconds: the seventh would wait behind six of them.
        if (at === 6) {
          await expect
            .poll(() => first.getByTestId('conn').getAttribute('data-state'), POLL)
            .toBe('paused')
        }
        const page = await first.context().newPage()
        pages.push(page)
        await page.goto(bridge.runUrl('run-in-tabs'))
        await page.getByTestId('row').waitFor()
      }
      const open = bridge.asked.filter(
        ({ url = '', socket }) => url.includes('/stream') && !socket.destroyed,
      )

      expect(open.length).toBeLessThanOrEqual(7)
      await show(first)
      await expect.poll(() => first.getByTestId('conn').innerText(), POLL).toBe('Live')
    },
  )
})

/** Tells the page what a browser tells the page of a tab that is not seen. A headless one sees them all. */
function hide(page: Page): Promise<void> {
  return visibility(page, 'hidden')
}

function show(page: Page): Promise<void> {
  return visibility(page, 'visible')
}

async function visibility(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => value })
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value === 'hidden' })
    document.dispatchEvent(new Event('visibilitychange'))
  }, state)
}
