// Prints the path of a Jaeger v2 to test with: JAEGER_BIN, else one built from the Go module proxy, once, into the
// user's cache. The build takes some minutes. It has no UI assets; the API is whole.
// Exit codes: 0 found or built, 1 the build failed, 2 JAEGER_BIN is no program, 3 neither Go nor JAEGER_BIN is there.
import { spawn, spawnSync } from 'node:child_process'
import {
  accessSync,
  constants,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { homedir, setPriority } from 'node:os'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

// The module path has no /v2, so Go knows no v2 tag of it; v1.76.0 is the commit of v2.13.0.
const MODULE = 'github.com/jaegertracing/jaeger@v1.76.0'
const VERSION = 'v2.13.0'
const POLL_MS = 500
const TELL_MS = 15_000

const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
const folder = join(cache, 'spancast', `jaeger-${VERSION}`)
const binary = join(folder, 'jaeger')
const lock = join(folder, 'building')

process.exitCode = await main()

async function main() {
  const given = process.env.JAEGER_BIN
  if (given) {
    if (isProgram(given)) return found(resolve(given))
    return fail(2, `Expected JAEGER_BIN to be a program, got ${given}.`)
  }
  if (isProgram(binary)) return found(binary)
  if (spawnSync('go', ['version']).status !== 0) {
    return fail(3, 'There is no Jaeger: install Go to build one, or set JAEGER_BIN.')
  }
  mkdirSync(folder, { recursive: true })
  await locked()
  try {
    // Another build may have ended while this one waited for it.
    if (!isProgram(binary)) await build()
    return found(binary)
  } catch (error) {
    return fail(1, `Jaeger could not be built: ${error.message}`)
  } finally {
    rmSync(lock, { force: true })
  }
}

async function build() {
  const startedAt = performance.now()
  const told = setInterval(() => {
    say(`building Jaeger ${VERSION} … ${Math.round((performance.now() - startedAt) / 1000)} s`)
  }, TELL_MS)
  try {
    say(`building Jaeger ${VERSION} into ${folder}; this takes some minutes, once`)
    // What is started from here on leaves the machine to those who work at it.
    setPriority(10)
    // Not `go install`: that refuses a module with replace directives, which this one has.
    const { Dir } = JSON.parse(await go(folder, 'mod', 'download', '-json', MODULE))
    const partial = `${binary}.${process.pid}`
    await go(
      Dir,
      'build',
      '-trimpath',
      '-buildvcs=false',
      '-ldflags=-s -w',
      '-o',
      partial,
      './cmd/jaeger',
    )
    renameSync(partial, binary)
    say(`built in ${Math.round((performance.now() - startedAt) / 1000)} s`)
  } finally {
    clearInterval(told)
  }
}

/** What Go prints on stdout. */
async function go(cwd, ...args) {
  const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' }
  const child = spawn('go', args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise((done, failed) => child.once('error', failed).once('close', done))
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  if (code === 0) return out
  const lines = `${out}${err}`.split('\n').filter((line) => !line.startsWith('go: downloading'))
  throw new Error(`go ${args[0]} ended with ${code}\n${lines.join('\n')}`)
}

/** Waits until no other process builds. A lock whose owner is gone is taken over. */
async function locked() {
  const own = `${lock}.${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    // A link, not a new file: it is never there without its owner's number in it.
    for (let told = false; !linked(own, lock); told = true) {
      if (isAlive(ownerOf(lock))) {
        if (!told) say('another process builds Jaeger; waiting for it')
        await sleep(POLL_MS)
      } else rmSync(lock, { force: true })
    }
  } finally {
    rmSync(own, { force: true })
  }
}

function linked(from, to) {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function ownerOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return 0
  }
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
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
  process.stderr.write(`jaeger: ${message}\n`)
}
