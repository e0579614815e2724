import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { startActor } from './lib/actor.mjs'
import { median, range } from './lib/figures.mjs'

const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium'
const ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']

/** How smooth the live page stays while a long run goes on, and how fast a step is found in it. */
export async function benchPage({ rounds, smoke }) {
  const title = '### The live page'
  if (!existsSync(CHROMIUM)) return `${title}\n\nNot measured: there is no Chromium at ${CHROMIUM}.`
  const steps = smoke ? 250 : 5000
  const taken = []
  for (let round = 0; round < rounds; round++) taken.push(await watchOne(steps))
  const of = (name, digits = 0) => {
    const values = taken.map((figures) => figures[name])
    return `${median(values).toFixed(digits)} (${range(values, digits)})`
  }
  return [
    title,
    `A run of ${steps} steps and ${4 * steps} events, at 500 events a second, watched from its start: ${of('tasks')} tasks of 50 ms or more, the longest of ${of('longest')} ms (goal: none over 200 ms), ${of('rows')} rows in the document at most, the last tool's step found in ${of('found')} ms (goal: 500 ms).`,
  ].join('\n\n')
}

async function watchOne(steps) {
  const agent = await startActor('page-agent.mjs', { steps, stepsASecond: 125 }, 0)
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS })
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
    await page.goto(agent.hello.url)
    await page.getByText('Waiting for the run').waitFor()
    await page.evaluate(startWatching)
    await agent.ask('run')
    await page.locator('[data-testid=run-status][data-status=ok]').waitFor()
    const watched = await page.evaluate(() => globalThis.watched)
    const found = await page.evaluate(search, `tool-${steps}`)
    return { ...watched, found }
  } finally {
    await browser.close()
    await agent.stop()
  }
}

// In the page: counts what keeps it busy, and how much of the run it holds.
function startWatching() {
  const { MutationObserver, PerformanceObserver, document } = globalThis
  const watched = { tasks: 0, longest: 0, rows: 0 }
  globalThis.watched = watched
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      watched.longest = Math.max(watched.longest, duration)
      watched.tasks++
    }
  }).observe({ type: 'longtask' })
  new MutationObserver(() => {
    const rows = document.querySelectorAll('[data-testid=row]').length
    watched.rows = Math.max(watched.rows, rows)
  }).observe(document.body, { childList: true, subtree: true })
}

// In the page: milliseconds from the typing of a name until it is found.
function search(name) {
  const { document, Event, HTMLInputElement, MutationObserver, performance, setTimeout } =
    globalThis
  const box = document.querySelector('[type=search]')
  const found = () =>
    [...document.querySelectorAll('.number')].some(({ textContent }) => textContent === '1 found')
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`The page did not find ${name}.`)), 10_000)
    const from = performance.now()
    const observer = new MutationObserver(() => {
      if (!found()) return
      observer.disconnect()
      resolve(performance.now() - from)
    })
    observer.observe(document.body, { childList: true, subtree: true, characterData: true })
    // As typing does: a page that keeps the value itself hears of no other way.
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(box, name)
    box.dispatchEvent(new Event('input', { bubbles: true }))
  })
}
