// The examples that have dependencies and a lockfile of their own, outside the workspaces.
// What is installed is kept in the user's cache, once for each lockfile, and linked as `node_modules`: checkouts
// share it. The packages of this repository are not in it: Node finds those of the checkout above the example.
// Exit codes: 0 done, 1 it failed, 2 wrong use, 3 the package registry cannot be reached, 4 this Node is too old, or there is no Python for
// an example that needs it.
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { constants, homedir } from 'node:os'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { installPython, isPython, lockPython } from './python-packages.mjs'

const HELP = `node scripts/examples.mjs                     lists the examples
node scripts/examples.mjs start NAME [ARGS]   installs one and starts it
node scripts/examples.mjs install [NAME ...]  installs these, or all that this Node runs
node scripts/examples.mjs lock [NAME ...]     writes their lockfiles anew, for every platform
`
const AT_ONCE = 3
const MISSING = 4
const UNREACHABLE = /ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH/

const repository = fileURLToPath(new URL('..', import.meta.url))
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'spancast', 'examples')
// Those under test/ are the same agents with other versions of their libraries.
const examples = new Map(
  ['examples', 'test/examples'].flatMap((folder) =>
    readdirSync(join(repository, folder), { withFileTypes: true })
      .map(({ name }) => join(repository, folder, name))
      .filter((path) => existsSync(join(path, 'package-lock.json')))
      .map((path) => [basename(path), path]),
  ),
)

process.exitCode = await main(process.argv.slice(2))

async function main([command, ...names]) {
  const unknown = names
    .slice(0, command === 'start' ? 1 : undefined)
    .find((name) => !examples.has(name))
  if (unknown !== undefined) {
    return fail(2, `Expected one of ${[...examples.keys()].join(', ')}, got ${unknown}.`)
  }
  const chosen = names.length > 0 ? names : [...examples.keys()]
  switch (command) {
    case undefined:
      return list()
    case 'install':
      return names.length > 0 ? install(names) : install(chosen.filter(runsHere), MISSING)
    case 'lock':
      return lock(chosen)
    case 'start':
      return names.length === 0 ? list() : start(names)
    default:
      return fail(2, HELP)
  }
}

function list() {
  process.stdout.write('npm run example NAME starts one of\n\n')
  for (const [name, folder] of examples) {
    if (folder !== join(repository, 'examples', name)) continue
    process.stdout.write(`  ${name.padEnd(16)}${packageOf(folder).description}\n`)
  }
  return 0
}

/** @param left - The exit code of what is said and left out. */
async function install(names, left) {
  const waiting = [...names]
  let worst = 0
  const worker = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const code = await installOne(name)
      if (code !== left) worst = Math.max(worst, code)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
  return worst
}

async function installOne(name) {
  const folder = examples.get(name)
  if (!runsHere(name)) {
    return fail(
      4,
      `${name} needs Node ${packageOf(folder).engines.node}, this is ${process.version}.`,
    )
  }
  const kept = join(cache, `${name}-${fingerprint(folder)}`)
  if (!existsSync(kept)) {
    mkdirSync(cache, { recursive: true })
    const partial = mkdtempSync(`${kept}.`)
    try {
      for (const file of ['package.json', 'package-lock.json']) {
        copyFileSync(join(folder, file), join(partial, file))
      }
      const { code, output } = await run('npm', ['ci', '--ignore-scripts', '--no-audit'], partial)
      if (code !== 0) {
        if (UNREACHABLE.test(output)) {
          return fail(3, `${name}: the package registry cannot be reached.\n${output}`)
        }
        return fail(1, `${name}: npm ci ended with ${code}\n${output}`)
      }
      const failed = isPython(folder) ? await installPython(folder, partial) : undefined
      if (failed !== undefined) return fail(failed.code, `${name}: ${failed.message}`)
      rmSync(join(partial, 'node_modules', '@spancast'), { recursive: true, force: true })
      keep(partial, kept)
    } finally {
      rmSync(partial, { recursive: true, force: true })
    }
  }
  link(join(kept, 'node_modules'), join(folder, 'node_modules'))
  if (isPython(folder)) link(join(kept, '.venv'), join(folder, '.venv'))
  return 0
}

/** Another process may have kept the same meanwhile. */
function keep(partial, kept) {
  try {
    renameSync(partial, kept)
  } catch (error) {
    if (!existsSync(kept)) throw error
  }
}

/** Makes `path` lead to `target`, whatever was there. */
function link(target, path) {
  const there = lstatSync(path, { throwIfNoEntry: false })
  if (there?.isSymbolicLink() && readlinkSync(path) === target) return
  rmSync(path, { recursive: true, force: true })
  symlinkSync(target, path, 'junction')
}

async function start([name, ...args]) {
  const failed = await installOne(name)
  if (failed > 0) return failed
  // Its runs are told with the addresses of their pages.
  // Here only: installing the examples must work before the packages of this repository are there.
  const { buildPageIfStale } = await import('../bridge/ui/build.mjs')
  await buildPageIfStale()
  const child = spawn('npm', ['start', '--silent', '--', ...args], {
    cwd: examples.get(name),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  // A terminal sends Ctrl-C to both: this one stays until the example is done with it.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  return new Promise((done) => {
    child.once('exit', (code, signal) => done(code ?? 128 + constants.signals[signal]))
  })
}

async function lock(names) {
  for (const name of names) {
    const folder = examples.get(name)
    const { code, output } = await run('npm', ['install', '--package-lock-only'], folder)
    if (code !== 0) return fail(1, `${name}: npm install ended with ${code}\n${output}`)
    const script = join(repository, 'scripts', 'complete-lockfile.mjs')
    const completed = await run(process.execPath, [script, 'package-lock.json'], folder)
    if (completed.code !== 0) return fail(1, completed.output)
    const failed = isPython(folder) ? await lockPython(folder) : undefined
    if (failed !== undefined) return fail(failed.code, `${name}: ${failed.message}`)
    process.stdout.write(`${name}: ${completed.output}`)
  }
  return 0
}

async function run(command, args, cwd) {
  const child = spawn(command, args, { cwd, shell: process.platform === 'win32' })
  const ended = new Promise((done, failed) => child.once('error', failed).once('close', done))
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { code, output: out + err }
}

function runsHere(name) {
  const wanted = /\d+(\.\d+)?/.exec(packageOf(examples.get(name)).engines?.node ?? '0')?.[0]
  const [major, minor = 0] = wanted.split('.').map(Number)
  const [ourMajor, ourMinor] = process.versions.node.split('.').map(Number)
  return ourMajor > major || (ourMajor === major && ourMinor >= minor)
}

function fingerprint(folder) {
  return createHash('sha256')
    .update(readFileSync(join(folder, 'package-lock.json')))
    .update(isPython(folder) ? readFileSync(join(folder, 'requirements.txt')) : '')
    .update(`${process.platform} ${process.arch}`)
    .digest('hex')
    .slice(0, 16)
}

function packageOf(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
}

function fail(code, message) {
  process.stderr.write(`${message.trimEnd()}\n`)
  return code
}
