import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, onTestFinished } from 'vitest'

const CHROMIUM = process.env.CHROMIUM_BIN ?? '/usr/bin/chromium'
const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** A page that is opened, and what went wrong in it. */
export interface Seen {
  readonly page: Page
  /** Errors and warnings of the console, uncaught errors, and dialogs. */
  readonly complaints: readonly string[]
  /** The URLs that were asked for. */
  readonly requests: readonly string[]
}

export type Look = (url: string, options?: BrowserContextOptions) => Promise<Seen>

/** Tests that look at the page with a browser. Without one they are left out, which is said. */
export function inBrowser(name: string, tests: (look: Look) => void): void {
  const found = existsSync(CHROMIUM)
  if (!found) {
    process.stderr.write(
      `\nLEFT OUT: "${name}" needs a Chromium, and there is none at ${CHROMIUM}. Install Debian's chromium, or name one with CHROMIUM_BIN.\n`,
    )
  }
  describe.skipIf(!found)(name, () => {
    let browser: Browser | undefined
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGS })
    }, 60_000)
    afterAll(() => browser?.close())
    tests(async (url, options) => {
      if (browser === undefined) throw new Error('The browser did not start.')
      return look(browser, url, options)
    })
  })
}

async function look(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Seen> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
  onTestFinished(() => context.close())
  const complaints: string[] = []
  const requests: string[] = []
  const page = await context.newPage()
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => requests.push(request.url()))
  await page.goto(url)
  return { page, complaints, requests }
}
