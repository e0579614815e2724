// Makes the pictures of the README from the research agents at work, and puts what `spancast tail` prints into it:
//   npm run pictures
// CHROMIUM_BIN names a Chromium; default: Debian's.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { buildPageIfStale } from '../bridge/ui/build.mjs'

const QUESTION =
  'Why does compression hold back server-sent events, how deep does qs nest objects, and what is fuzzy search in MiniSearch?'
const SHORT_QUESTION = 'How deep does qs nest objects?'
// As much of the answer as shows that it is being written.
const WORTH_A_PICTURE = 420
const SOURCE = ['--import=tsx', '--conditions=@spancast/source']
const QUIET = '--disable-warning=SPANCAST_NOT_EXPORTING'

const repository = fileURLToPath(new URL('..', import.meta.url))
const readme = new URL('../README.md', import.meta.url)
mkdirSync(new URL('../docs', import.meta.url), { recursive: true })
await buildPageIfStale()
const research = startResearch()
try {
  const url = await addressOf(research)
  await takePictures(url)
  const tail = await tailOf(url)
  writeFileSync(
    readme,
    readFileSync(readme, 'utf8').replace(
      /(<!-- spancast tail -->\n```text\n)[\s\S]*?```/,
      (_, head) => `${head}${tail}\`\`\``,
    ),
  )
} finally {
  research.kill('SIGINT')
}

function startResearch() {
  const main = 'examples/research-agent/src/main.ts'
  const env = { ...process.env, SPANCAST_JAEGER_UI_URL: 'http://localhost:16686' }
  const args = [...SOURCE, QUIET, main, '--port', '0', SHORT_QUESTION]
  return spawn(process.execPath, args, {
    cwd: repository,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** Where its bridge is, once it has nothing else to do. */
async function addressOf(program) {
  let printed = ''
  for await (const chunk of program.stdout) {
    printed += chunk
    const [, url] = /page +(http:\S+)\/\n[\s\S]*Ctrl-C/.exec(printed) ?? []
    if (url !== undefined) return url
  }
  throw new Error(`The example ended before it told its address:\n${printed}`)
}

async function takePictures(url) {
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_BIN ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
  })
  try {
    for (const colorScheme of ['light', 'dark']) {
      const page = await browser.newPage({ viewport: { width: 1280, height: 760 }, colorScheme })
      await page.goto(url)
      await page.getByLabel('question').fill(QUESTION)
      await page.getByRole('button', { name: 'Run it' }).click()
      await page.waitForFunction(
        (length) =>
          (document.querySelector('[data-testid=text]')?.textContent ?? '').length > length,
        WORTH_A_PICTURE,
      )
      await page.screenshot({ path: `${repository}docs/page-${colorScheme}.png` })
      await page.close()
    }
  } finally {
    await browser.close()
  }
}

/** What the command line prints of a run, from its beginning to its end, as a terminal of 100 columns has room for it. */
async function tailOf(url) {
  const response = await fetch(`${url}/api/workflow/invoke`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'respond-async' },
    body: JSON.stringify({ workflow: 'research', input: { question: SHORT_QUESTION } }),
  })
  const { randomId } = await response.json()
  const args = [...SOURCE, 'bridge/src/cli/cli.ts', 'tail', randomId, '--url', url]
  const env = { ...process.env, NO_COLOR: '1', LANG: 'C.UTF-8' }
  const child = spawn(process.execPath, args, {
    cwd: repository,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [printed] = await Promise.all([text(child.stdout), once(child, 'close')])
  return printed.replace(/^(.{99}).{2,}$/gm, '$1…')
}
