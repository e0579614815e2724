// The packages of an example in Python: `requirements.in` names them, `requirements.txt` is their lockfile.
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

const OLDEST = [3, 10]
const UNREACHABLE =
  /NewConnectionError|ConnectTimeout|ReadTimeout|NameResolutionError|Network is unreachable|Connection refused/

/** Whether the example in this folder is one in Python. */
export function isPython(folder) {
  return existsSync(join(folder, 'requirements.txt'))
}

/**
 * Makes `.venv` in `target`, with the packages that the folder's lockfile names.
 *
 * @returns what went wrong, as `{ code, message }` with a code of `examples.mjs`; `undefined` if nothing did.
 */
export async function installPython(folder, target) {
  const missing = await pythonMissing()
  if (missing !== undefined) return { code: 4, message: missing }
  const venv = await run('python3', ['-m', 'venv', join(target, '.venv')])
  if (venv.code !== 0) return { code: 1, message: venv.output }
  copyFileSync(join(folder, 'requirements.txt'), join(target, 'requirements.txt'))
  const { code, output } = await pip(target, 'install', '-r', join(target, 'requirements.txt'))
  if (code === 0) return undefined
  return {
    code: UNREACHABLE.test(output) ? 3 : 1,
    message: `pip install ended with ${code}\n${output}`,
  }
}

/** Writes the lockfile anew: what `requirements.in` asks for, and all that it brings. */
export async function lockPython(folder) {
  const target = mkdtempSync(join(tmpdir(), 'spancast-lock-'))
  try {
    const missing = await pythonMissing()
    if (missing !== undefined) return { code: 4, message: missing }
    const steps = [
      () => run('python3', ['-m', 'venv', join(target, '.venv')]),
      () => pip(target, 'install', '-r', join(folder, 'requirements.in')),
    ]
    for (const step of steps) {
      const { code, output } = await step()
      if (code !== 0) return { code: 1, message: output }
    }
    const frozen = await pip(target, 'freeze')
    writeFileSync(join(folder, 'requirements.txt'), frozen.output)
    return undefined
  } finally {
    rmSync(target, { recursive: true, force: true })
  }
}

async function pythonMissing() {
  const wanted = `Python ${OLDEST.join('.')} or newer`
  try {
    const check = `import sys; sys.exit(sys.version_info < (${OLDEST.join(', ')}))`
    const { code } = await run('python3', ['-c', check])
    return code === 0 ? undefined : `It needs ${wanted}; \`python3\` is older.`
  } catch {
    return `It needs ${wanted}; there is no \`python3\`.`
  }
}

function pip(target, ...args) {
  const python = join(target, '.venv', 'bin', 'python')
  return run(python, ['-m', 'pip', '--quiet', '--disable-pip-version-check', ...args])
}

async function run(command, args) {
  const child = spawn(command, args)
  const ended = new Promise((done, failed) => child.once('error', failed).once('close', done))
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { code, output: out + err }
}
