import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { startScriptedModel } from './server.mjs'

const HELP = `A model that needs no key: it speaks the OpenAI API on loopback and follows a script.

  node main.mjs [--port N]              serves until Ctrl-C; prints its address
  node main.mjs [--port N] -- COMMAND   runs COMMAND with OPENAI_BASE_URL and OPENAI_API_KEY set to it;
                                        when OPENAI_API_KEY is set, runs COMMAND with the real one

It calls the offered tools whose names share a word with the question (get_weather: "the weather in Lima"), then
says what they answered. "fail with 400" (or another status) in the question is what it does. Each call uses 120
tokens in, 64 of them cached, and 30 out, 12 of them reasoning.
`

process.exitCode = await main(process.argv.slice(2))

async function main(argv) {
  const split = argv.indexOf('--')
  const options = split === -1 ? argv : argv.slice(0, split)
  const command = split === -1 ? [] : argv.slice(split + 1)
  if (options.includes('--help')) return say(process.stdout, HELP, 0)
  const port = portOf(options)
  if (port === undefined || (split !== -1 && command.length === 0))
    return say(process.stderr, HELP, 2)
  const key = process.env.OPENAI_API_KEY
  if (command.length > 0 && key) return run(command, {})
  const model = await startScriptedModel({ port })
  try {
    if (command.length > 0) {
      return await run(command, { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'scripted' })
    }
    process.stdout.write(`OPENAI_BASE_URL=${model.url}\n`)
    return await stopped()
  } finally {
    await model.close()
  }
}

/** `undefined` if the options are not as they should be. */
function portOf([flag, value, ...more]) {
  if (flag === undefined) return 0
  const port = Number(value)
  const isPort = /^\d+$/.test(value ?? '') && port < 65_536
  return flag === '--port' && isPort && more.length === 0 ? port : undefined
}

/** Runs the command in the foreground; its exit code. */
function run([program, ...args], env) {
  const child = spawn(program, args, {
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  })
  // A terminal sends Ctrl-C to both: this one stays until the child is done with it.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((done) => {
    child.once('error', (error) => done(say(process.stderr, `${program}: ${error.message}\n`, 127)))
    child.once('exit', (code, signal) => done(code ?? 128 + constants.signals[signal]))
  })
}

function stopped() {
  return new Promise((done) => {
    process.once('SIGINT', () => done(130))
    process.once('SIGTERM', () => done(143))
  })
}

function say(stream, text, code) {
  stream.write(text)
  return code
}
