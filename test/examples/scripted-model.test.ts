import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const MAIN = fileURLToPath(new URL('../../examples/scripted-model/main.mjs', import.meta.url))
const QUESTION = 'What is the weather in Lima?'
const WEATHER = {
  name: 'get_weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function model(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const { PATH = '' } = process.env
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [MAIN, ...args],
      { env: { PATH, ...env } },
      (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    )
  })
}

const ENVIRONMENT = [
  process.execPath,
  '-p',
  'process.env.OPENAI_BASE_URL + " " + process.env.OPENAI_API_KEY',
]

describe('in front of a command', () => {
  test('it hands over its address, and the command’s exit code', async () => {
    const { code, stdout } = await model(['--', ...ENVIRONMENT])
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/v1 scripted\n$/),
    ])

    expect((await model(['--', process.execPath, '-e', 'process.exit(7)'])).code).toBe(7)
  })

  test('it steps aside for a real key', async () => {
    const { stdout } = await model(['--', ...ENVIRONMENT], { OPENAI_API_KEY: 'mine' })

    expect(stdout).toBe('undefined mine\n')
  })

  test.each([[['--port', 'x']], [['--port', '70000']], [['--frob']], [['--']]])(
    'it says how it is used when it is not, as with %j',
    async (args) => {
      const { code, stderr } = await model(args)

      expect([code, stderr]).toEqual([2, expect.stringContaining('main.mjs [--port N]')])
    },
  )
})

describe('the API', () => {
  let url = ''
  let stop = (): void => {}
  beforeAll(async () => {
    const child = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'pipe', 'inherit'] })
    stop = () => child.kill()
    const [line] = await once(createInterface(child.stdout), 'line')
    url = String(line).replace('OPENAI_BASE_URL=', '')
  })
  afterAll(() => stop())

  const ask = (api: string, body: object): Promise<Response> =>
    fetch(`${url}/${api}`, {
      method: 'POST',
      headers: { authorization: 'Bearer any' },
      body: JSON.stringify({ model: 'tiny', ...body }),
    })
  const chat = {
    messages: [{ role: 'user', content: QUESTION }],
    tools: [{ type: 'function', function: WEATHER }],
  }
  const respond = { input: QUESTION, tools: [{ type: 'function', ...WEATHER }] }

  test('asks for the tool that the question is about, in a chat and in a response', async () => {
    const chatted = await (await ask('chat/completions', chat)).json()
    const responded = await (await ask('responses', respond)).json()

    expect(chatted).toMatchObject({
      choices: [{ finish_reason: 'tool_calls', message: { tool_calls: [{ type: 'function' }] } }],
      usage: {
        prompt_tokens: 120,
        completion_tokens: 30,
        prompt_tokens_details: { cached_tokens: 64 },
        completion_tokens_details: { reasoning_tokens: 12 },
      },
    })
    expect(chatted.choices[0].message.tool_calls[0].function).toEqual({
      name: 'get_weather',
      arguments: '{"city":"Lima"}',
    })
    expect(responded).toMatchObject({
      status: 'completed',
      output: [{ type: 'function_call', name: 'get_weather', arguments: '{"city":"Lima"}' }],
      usage: { input_tokens: 120, output_tokens: 30 },
    })
  })

  test('says what the tool has found, also when its call is only referred to', async () => {
    const { id, output } = await (await ask('responses', respond)).json()
    const found = { type: 'function_call_output', call_id: output[0].call_id, output: 'sunny' }
    const asked = { role: 'user', content: QUESTION }
    const again = [
      { previous_response_id: id, input: [found] },
      { input: [asked, { type: 'item_reference', id: output[0].id }, found] },
      { input: [asked, output[0], found] },
    ]

    for (const body of again) {
      const answer = await (await ask('responses', { ...respond, ...body })).json()
      expect(answer.output[0].content[0].text).toBe('get_weather says: sunny')
    }
  })

  test('streams what it would have said at once', async () => {
    const body = { messages: [{ role: 'user', content: 'hello  there' }], stream: true }
    const chatted = await (await ask('chat/completions', body)).text()
    const responded = await (await ask('responses', { input: 'hello  there', stream: true })).text()

    const deltas = [...chatted.matchAll(/"delta":\{"content":"([^"]*)"\}/g)].map(([, text]) => text)
    expect(deltas.join('')).toBe('You said: hello  there')
    expect(chatted).toMatch(/data: \[DONE\]\n\n$/)
    const parts = [...responded.matchAll(/output_text\.delta",.*"delta":"([^"]*)"/g)]
    expect(parts.map(([, text]) => text).join('')).toBe('You said: hello  there')
    expect(responded).toContain('event: response.completed')
  })

  test('fails as the question wants it', async () => {
    const response = await ask('responses', { input: 'Please fail with 429.' })

    expect(response.status).toBe(429)
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } })
  })

  test('answers a request of any shape', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('chat/completions', 'responses'),
        fc.record({
          messages: fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.array(fc.jsonValue())),
          input: fc.jsonValue({ maxDepth: 2 }),
          tools: fc.jsonValue({ maxDepth: 2 }),
        }),
        async (api, body) => {
          const response = await ask(api, body)

          await response.text()
          expect([200, 400]).toContain(response.status)
        },
      ),
      { numRuns: 60 },
    )
  })
})
