// Prints the path of an OpenTelemetry Collector to test and measure with: COLLECTOR_BIN, else one built from the Go
// module proxy, once, into the user's cache. It takes OTLP and passes it on by OTLP/HTTP, and can do nothing else.
// `--no-build` only looks for one that is there.
// Exit codes: 0 found or built, 1 the build failed, 2 COLLECTOR_BIN is no program, 3 there is none, nor a Go to build it.
import { spawn, spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir, setPriority } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'

const VERSION = 'v0.162.0'
// What is stable in the Collector is numbered by itself; this goes with the version above.
const STABLE_VERSION = 'v1.68.0'
const COLLECTOR = 'go.opentelemetry.io/collector'
const TELL_MS = 15_000

const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
const folder = join(cache, 'spancast', `otel-collector-${VERSION}`)
const binary = join(folder, 'otelcol')

process.exitCode = await main()

async function main() {
  const given = process.env.COLLECTOR_BIN
  if (given) {
    if (isProgram(given)) return found(resolve(given))
    return fail(2, `Expected COLLECTOR_BIN to be a program, got ${given}.`)
  }
  if (isProgram(binary)) return found(binary)
  if (process.argv.includes('--no-build')) {
    return fail(3, 'There is no Collector: `node scripts/collector.mjs` builds one.')
  }
  if (spawnSync('go', ['version']).status !== 0) {
    return fail(3, 'There is no Collector: install Go to build one, or set COLLECTOR_BIN.')
  }
  mkdirSync(folder, { recursive: true })
  // Each build has a folder of its own, so that two at once do not meet.
  const work = mkdtempSync(join(folder, 'building-'))
  try {
    await build(work)
    return found(binary)
  } catch (error) {
    return fail(1, `The Collector could not be built: ${error.message}`)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function build(work) {
  const startedAt = performance.now()
  const elapsed = () => `${Math.round((performance.now() - startedAt) / 1000)} s`
  const told = setInterval(() => say(`building the Collector ${VERSION} … ${elapsed()}`), TELL_MS)
  try {
    say(`building the Collector ${VERSION} into ${folder}; this takes some minutes, once`)
    // What is started from here on leaves the machine to those who work at it.
    setPriority(10)
    const manifest = join(work, 'manifest.yaml')
    // JSON is YAML too.
    writeFileSync(manifest, JSON.stringify(manifestFor(join(work, 'out'))))
    await go(work, 'run', `${COLLECTOR}/cmd/builder@${VERSION}`, '--config', manifest)
    renameSync(join(work, 'out', 'otelcol'), binary)
    say(`built in ${elapsed()}`)
  } finally {
    clearInterval(told)
  }
}

function manifestFor(outputPath) {
  const core = (path) => ({ gomod: `${COLLECTOR}/${path} ${VERSION}` })
  const provider = (name) => ({
    gomod: `${COLLECTOR}/confmap/provider/${name}provider ${STABLE_VERSION}`,
  })
  return {
    dist: {
      module: 'spancast.test/otelcol',
      name: 'otelcol',
      version: VERSION.slice(1),
      output_path: outputPath,
    },
    receivers: [core('receiver/otlpreceiver')],
    processors: [core('processor/batchprocessor')],
    exporters: [core('exporter/otlphttpexporter')],
    providers: ['env', 'file', 'yaml'].map(provider),
  }
}

async function go(cwd, ...args) {
  const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' }
  // A group of its own: what Go has started goes with it when this is interrupted.
  const child = spawn('go', args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = () => process.kill(-child.pid, 'SIGKILL')
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)
  const ended = new Promise((done, failed) => child.once('error', failed).once('close', done))
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stop)
  if (code === 0) return
  const lines = `${out}${err}`.split('\n').filter((line) => !line.startsWith('go: downloading'))
  throw new Error(`go ${args[0]} ended with ${code ?? 'a signal'}\n${lines.join('\n')}`)
}

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function found(file) {
  process.stdout.write(`${file}\n`)
  return 0
}

function fail(code, message) {
  say(message)
  return code
}

function say(message) {
  process.stderr.write(`collector: ${message}\n`)
}
