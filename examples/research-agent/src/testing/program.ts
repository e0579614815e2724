import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

/** Those of the start script. That nothing is exported is told by the example itself, with what to do. */
const FLAGS = ['--conditions=@spancast/source', '--disable-warning=SPANCAST_NOT_EXPORTING']

export type Program = ChildProcessByStdio<null, Readable, Readable>

/** The example as a process of its own, with this environment and little else. Gone when the test is over. */
export function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Program {
  const source = join(import.meta.dirname, '..')
  const program = spawn(
    process.execPath,
    ['--import', 'tsx', ...FLAGS, join(source, 'main.ts'), ...args],
    {
      cwd: source,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  onTestFinished(() => {
    program.kill('SIGKILL')
  })
  return program
}

/** All that a program said, once it has ended. */
export async function ended(
  program: Program,
): Promise<{ readonly code: unknown; readonly stdout: string; readonly stderr: string }> {
  const [[code], stdout, stderr] = await Promise.all([
    once(program, 'close'),
    text(program.stdout),
    text(program.stderr),
  ])
  return { code, stdout, stderr }
}
