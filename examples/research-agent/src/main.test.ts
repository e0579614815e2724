import { once } from 'node:events'
import { json } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { answer } from './testing/model-server.ts'
import { ended, startProgram } from './testing/program.ts'
import { scriptedServer } from './testing/scripted-server.ts'
import { tempFolder } from './testing/temp-folder.ts'

const QUESTION = 'What is the limit of the parser, and what does zipper compress?'
const FILES = {
  'parser/README.md': '# parser\n\n## limit\n\nThe limit is the maximum size of a request body.',
  'parser/CHANGELOG.md': '## 3.1.0\n',
  'zipper/README.md':
    '# zipper\n\nThe zipper compresses every response that is larger than a kilobyte.',
}

test('--once asks, shows the run as it happens and leaves with 0', async () => {
  const folder = await tempFolder(FILES)

  const { code, stdout, stderr } = await ended(
    startProgram(['--once', '--port', '0', '--folder', folder, QUESTION]),
  )

  expect(stderr).toBe('')
  expect(stdout).toMatch(/▶ planner/)
  expect(stdout).toMatch(/▶ researcher-1 /)
  expect(stdout).toMatch(/✔ researcher-2 › search_files .*→ \d+ results/)
  expect(stdout).toMatch(/✖ researcher-2 › read_changelog .*zipper ships no changelog/)
  expect(stdout).toMatch(/│ The limit is the maximum size of a request body\. \[1\]/)
  expect(stdout).toMatch(/│ \[1\] parser\/README\.md, parser › limit \(newest release: 3\.1\.0\)/)
  expect(stdout).toMatch(/✔ research {2}\d/)
  expect(stdout).not.toContain('\u001b')
  expect(code).toBe(0)
})

test('with a key a model plans and writes, and its tokens are counted', async () => {
  const baseUrl = await scriptedServer(async (request, response) => {
    const asked = JSON.stringify(await json(request))
    if (asked.includes('Notes:')) answer(response, 'A request body ', 'has a limit [1].')
    else answer(response, 'What is the limit of the parser?')
  })
  const folder = await tempFolder(FILES)

  const { code, stdout } = await ended(
    startProgram(['--once', '--port', '0', '--folder', folder, 'Tell me about it'], {
      OPENAI_API_KEY: 'test-key',
      OPENAI_BASE_URL: `${baseUrl}/v1`,
      OPENAI_MODEL: 'tiny',
    }),
  )

  expect(stdout).toMatch(/▷ planner › tiny/)
  expect(stdout).toMatch(/✔ writer › tiny .*, 11 tokens/)
  // The end of the model's call may be told between two pieces of the writer's text.
  const text = [...stdout.matchAll(/│ (.*)/g)].map(([, line = '']) => line.trim()).join(' ')
  expect(text).toContain('A request body has a limit [1].')
  expect(stdout).toMatch(/✔ research .*, 22 tokens/)
  expect(code).toBe(0)
})

test('a run that fails is shown and leaves with 1', async () => {
  const baseUrl = await scriptedServer((request, response) => {
    request.resume()
    response.writeHead(401, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ error: { message: 'Incorrect API key provided' } }))
  })

  const { code, stdout } = await ended(
    startProgram(['--once', '--port', '0', '--folder', await tempFolder(FILES), QUESTION], {
      OPENAI_API_KEY: 'wrong-key',
      OPENAI_BASE_URL: `${baseUrl}/v1`,
    }),
  )

  expect(stdout).toMatch(/✖ research .*Incorrect API key provided/)
  expect(code).toBe(1)
})

test('it stays up after the answer, the curl lines it prints work, and Ctrl-C ends it with 130', async () => {
  const program = startProgram(['--port', '0', '--folder', await tempFolder(FILES), QUESTION])
  let printed = ''
  for await (const chunk of program.stdout.iterator({ destroyOnReturn: false })) {
    printed += String(chunk)
    if (printed.includes('Ctrl-C')) break
  }
  const [, invokeUrl, body] = /curl -s (\S+) .* -d '(.*)'/.exec(printed) ?? []
  const [, streamUrl] = /curl -N (\S+)/.exec(printed) ?? []
  const [, pageUrl] = /page +(\S+)/.exec(printed) ?? []

  const invoked = await fetch(invokeUrl ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'respond-async' },
    body: body ?? '',
  })
  const stream = await (await fetch(streamUrl ?? '')).text()
  const page = await (await fetch(pageUrl ?? '')).text()
  program.kill('SIGINT')
  const [code] = await once(program, 'close')

  expect(page).toContain('<title>Runs · Spancast</title>')
  expect(invoked.status).toBe(202)
  expect(stream).toContain('"type":"run.end"')
  expect(stream).toContain('"type":"stream.end"')
  expect(code).toBe(130)
})

test('a port in use is an error that names the way out', async () => {
  const { port } = new URL(await scriptedServer(() => {}))

  const { code, stderr } = await ended(
    startProgram(['--port', port, '--folder', await tempFolder(FILES), QUESTION]),
  )

  expect(stderr).toContain(`Port ${port} is in use. Choose another one: npm start -- --port`)
  expect(code).toBe(1)
})
