import { accessSync, constants, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { homedir, setPriority } from 'node:os'
import { join, resolve } from 'node:path'
import { locked } from './build-lock.mjs'
import { hasGo } from './go.mjs'

const TELL_MS = 15_000

/**
 * Prints the path of a program: the one that a variable names, else one that was built from the Go module proxy, once,
 * into the user's cache. `--no-build` only looks for one that is there.
 *
 * @param name - As people call it.
 * @param variable - The environment variable that may name one.
 * @param key - Names it and its version in the cache.
 * @param file - Its name there.
 * @param script - Who builds it: `node scripts/<script>.mjs`.
 * @param build - Builds it in the folder that it is given. Resolves with the path of the program there.
 * @returns an exit code: 0 found or built, 1 the build failed, 2 the variable names no program, 3 there is none, nor a
 * Go to build it.
 */
export async function printProgram({ name, variable, key, file, script, build }) {
  const say = (message) => process.stderr.write(`${script}: ${message}\n`)
  const fail = (code, message) => {
    say(message)
    return code
  }
  const given = process.env[variable]
  if (given) {
    if (isProgram(given)) return found(resolve(given))
    return fail(2, `Expected ${variable} to be a program, got ${given}.`)
  }
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'spancast', key)
  const program = join(folder, file)
  if (isProgram(program)) return found(program)
  if (process.argv.includes('--no-build')) {
    return fail(3, `There is no ${name}: \`node scripts/${script}.mjs\` builds one.`)
  }
  if (!hasGo()) {
    return fail(3, `There is no ${name}: install Go to build one, or set ${variable}.`)
  }
  mkdirSync(folder, { recursive: true })
  const unlock = await locked(join(folder, 'building'), () => {
    say(`another process builds ${key}; waiting for it`)
  })
  try {
    // Another build may have ended while this one waited for it.
    if (!isProgram(program)) await buildInto(program, { folder, key, say, build })
    return found(program)
  } catch (error) {
    return fail(1, `${name} could not be built: ${error.message}`)
  } finally {
    unlock()
  }
}

async function buildInto(program, { folder, key, say, build }) {
  const startedAt = performance.now()
  const elapsed = () => `${Math.round((performance.now() - startedAt) / 1000)} s`
  const told = setInterval(() => say(`building ${key} … ${elapsed()}`), TELL_MS)
  const work = mkdtempSync(join(folder, 'work-'))
  try {
    say(`building ${key} into ${folder}; this takes some minutes, once`)
    // What is started from here on leaves the machine to those who work at it.
    setPriority(10)
    renameSync(await build(work), program)
    say(`built in ${elapsed()}`)
  } finally {
    clearInterval(told)
    rmSync(work, { recursive: true, force: true })
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
