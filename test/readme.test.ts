import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { observe } from '@spancast/sdk'
import { afterEach, beforeAll, expect, test } from 'vitest'
import { observing } from '../bridge/src/testing/observing.ts'
import { OpenBridges } from '../bridge/src/testing/open-bridges.ts'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const README = readFileSync(`${ROOT}README.md`, 'utf8')
const SNIPPETS = [
  ...README.matchAll(/<!-- (examples\/snippets\/\S+) -->\n```tsx?\n([\s\S]*?)```/g),
].map(([, file = '', code = '']) => ({ file, code }))

const bridges = new OpenBridges()
beforeAll(observing)
afterEach(() => bridges.closeAll())

const lookUp = observe(async (text: string) => text.length, { name: 'lookUp', kind: 'tool' })

test('the README shows at least one program', () => {
  expect(SNIPPETS.map(({ file }) => file)).toContain('examples/snippets/instrument.ts')
})

test.each(SNIPPETS)('the README shows $file as it is', ({ file, code }) => {
  expect(code).toBe(readFileSync(ROOT + file, 'utf8'))
})

test('the first program of the README has at most 12 lines', () => {
  const program = readFileSync(`${ROOT}examples/snippets/instrument.ts`, 'utf8').trimEnd()

  expect(program.split('\n').length).toBeLessThanOrEqual(12)
})

test('the first program of the README instruments an agent and streams its run', async () => {
  const { line, stop } = await runUntilLine('examples/snippets/instrument.ts', /^curl -N (\S+)$/)

  const url = /^curl -N (\S+)$/.exec(line)?.[1] ?? ''
  const types = (await (await fetch(url)).text())
    .split('\n')
    .filter((text) => text.startsWith('data: '))
    .map((text) => JSON.parse(text.slice('data: '.length)).type)
  await stop()

  expect(types).toEqual([
    'run.start',
    'agent.start',
    'agent.tool.start',
    'agent.tool.end',
    'agent.end',
    'run.end',
    'stream.end',
  ])
})

test('the namespaces program prints what it hears', async () => {
  const { line, stop } = await runUntilLine('examples/snippets/namespaces.ts', /^\[progress\]/)
  await stop()

  expect(line).toBe("[progress] { status: 'making_decision' }")
})

test('the client program follows a run of a workflow', async () => {
  const { url } = await bridges.open({
    workflows: { research: async (question) => lookUp(String(question)) },
  })

  const { line, stop } = await runUntilLine('examples/snippets/client.ts', /^ok after/, {
    SPANCAST_BRIDGE_URL: url,
  })
  await stop()

  expect(line).toMatch(/^ok after [\d.]+ ms$/)
})

/** Starts a program of the README, as a user would, and resolves with the first line that fits. */
async function runUntilLine(
  file: string,
  wanted: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<{ line: string; stop: () => Promise<void> }> {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', '--conditions=@spancast/source', ROOT + file],
    { cwd: ROOT, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let out = ''
  let complaints = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text
  })
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
      const found = out.split('\n').find((each) => wanted.test(each))
      if (found !== undefined) resolve(found)
    })
    child.once('close', () =>
      reject(new Error(`${file} ended without ${wanted}: ${out}${complaints}`)),
    )
  })
  return {
    line,
    stop: async () => {
      child.kill()
      await closed
    },
  }
}
