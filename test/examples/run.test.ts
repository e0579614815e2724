import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { INSTALL_MS, installed, RUN_MS } from './example.ts'

const FOLDER = fileURLToPath(new URL('../../examples/ai-sdk', import.meta.url))

let isHere = false
beforeAll(async () => {
  isHere = await installed('ai-sdk')
}, INSTALL_MS)

/** What `npm start` does in an example's folder. */
async function start(...args: string[]): Promise<{ code: number | null; stdout: string }> {
  const { PATH } = process.env
  const flags = ['--conditions=@spancast/source', '--import', 'tsx', '../run.ts']
  const child = spawn(process.execPath, [...flags, ...args], {
    cwd: FOLDER,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { PATH, PORT: '0' },
  })
  const [[code], stdout] = await Promise.all([once(child, 'close'), text(child.stdout)])
  return { code, stdout }
}

test(
  'one command starts an example and tells what happens in it, down to the address of each run',
  async ({ skip }) => {
    if (!isHere) return skip()

    const { code, stdout } = await start('--once', 'agent.ts')

    expect(code).toBe(0)
    expect(stdout).toMatch(/^bridge {2}http:\/\/127\.0\.0\.1:\d+\n/)
    expect(stdout).toContain('▷ guide › get_weather  city: "Lima"')
    expect(stdout).toContain('✖ guide › check_alerts')
    expect(stdout.match(/^run {5}http:\/\/127\.0\.0\.1:\d+\/runs\/[0-9a-f]{32}$/gm)).toHaveLength(2)
  },
  RUN_MS,
)

test(
  'its exit code is that of the program',
  async ({ skip }) => {
    if (!isHere) return skip()

    const { code, stdout } = await start('--once', 'agent.ts', 'Please fail with 400')

    expect(code).toBe(1)
    expect(stdout).toContain('The script says: fail with 400')
  },
  RUN_MS,
)
