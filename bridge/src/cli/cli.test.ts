import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { main } from './main.ts'
import { spancast } from './testing/spancast.ts'

test('--help lists the commands, and that of a command its flags with their defaults', async () => {
  const [general, serve, doctor, tail] = await Promise.all([
    spancast(['--help']),
    spancast(['serve', '--help']),
    spancast(['doctor', '-h']),
    spancast(['tail', '--help']),
  ])

  const names = [...general.stdout.matchAll(/^ {2}(\w+) {2,}\S/gm)].map(([, name]) => name)
  expect(names).toEqual(['serve', 'runs', 'tail', 'show', 'export', 'open', 'invoke', 'doctor'])
  expect(tail.stdout).toMatch(/^spancast tail <randomId\|latest> \[flags\]\n/)
  expect(serve.stdout).toMatch(/^ {2}--port <number> .* Default 4319\.$/m)
  expect(serve.stdout).toMatch(/^ {2}--upstream-url, --upstream <url> /m)
  expect(serve.stdout).toMatch(/^ {2}--max-events <number> .* Default 1000\.$/m)
  expect(serve.stdout).not.toMatch(/--token[ ,]/)
  expect(doctor.stdout).toMatch(/^ {2}--url <url> /m)
  expect([general, serve, doctor, tail].map(({ code, stderr }) => [code, stderr])).toEqual([
    [0, ''],
    [0, ''],
    [0, ''],
    [0, ''],
  ])
})

test('--version is that of the package', async () => {
  const { version } = JSON.parse(
    await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { version: string }

  expect(await spancast(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

test.each([
  [[], 'Expected a command.'],
  [['srve'], "Unknown command 'srve'. Did you mean serve?"],
  [
    ['watch'],
    "Unknown command 'watch'. There are serve, runs, tail, show, export, open, invoke and doctor.",
  ],
  [['serve', '--prot', '1'], 'Unknown flag --prot. Did you mean --port?'],
  [['serve', '--max-event', '1'], 'Unknown flag --max-event. Did you mean --max-events?'],
  [['serve', '--colour'], 'Unknown flag --colour. See --help for those there are.'],
  [
    ['serve', '--token', 'x'],
    'Set SPANCAST_TOKEN, or name a file that holds it with --token-file.',
  ],
  [['serve', '--token-file', '/nowhere'], 'Expected --token-file to name a file to read: ENOENT'],
  [['serve', '--port'], "'--port <value>' argument missing"],
  [
    ['serve', '--port', 'http'],
    "Expected --port to be a whole number from 0 to 65535, got 'http'.",
  ],
  [['serve', '--insecure=yes'], "'--insecure' does not take an argument"],
  [['serve', 'now'], "Expected flags only, got 'now'."],
  [['doctor', '--spool', '/tmp'], 'Unknown flag --spool.'],
])('%j ends with 2 and says what is wrong', async (args, message) => {
  const said: string[] = []
  const stderr = { write: (text: string) => said.push(text) }

  const code = await main(args, { env: {}, stdout: { write: unexpected }, stderr })

  expect(said.join('')).toMatch(/^spancast: /)
  expect(said.join('')).toContain(message)
  expect(code).toBe(2)
})

test('a variable that is not as expected ends with 2 and is named', async () => {
  const { code, stderr } = await spancast(['serve'], { SPANCAST_MAX_RUNS: 'many' })

  expect(stderr).toBe(
    "spancast: Expected SPANCAST_MAX_RUNS to be a whole number from 1 up, got 'many'.\n",
  )
  expect(code).toBe(2)
})

function unexpected(text: string): never {
  throw new Error(`Expected nothing on stdout, got ${text}`)
}
