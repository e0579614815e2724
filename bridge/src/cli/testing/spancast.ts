import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

type Program = ChildProcessByStdio<null, Readable, Readable>

export interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `spancast serve` as a process of its own, that listens. */
export interface Served {
  readonly url: string
  readonly process: Program
  /** The records of its log, so far. */
  readonly log: readonly Readonly<Record<string, unknown>>[]
  /** Sends a signal and waits for the end. */
  stop(signal?: NodeJS.Signals): Promise<{ readonly code: number | null }>
}

/** The command line as a process, with this environment and little else. Gone when the test is over. */
export function startSpancast(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Program {
  const cli = join(import.meta.dirname, '..', 'cli.ts')
  const child = spawn(
    process.execPath,
    ['--conditions=@spancast/source', '--import', 'tsx', cli, ...args],
    { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

/** Runs the command line to its end. */
export async function spancast(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = startSpancast(args, env)
  const [[code], stdout, stderr] = await Promise.all([
    once(child, 'close'),
    text(child.stdout),
    text(child.stderr),
  ])
  return { code, stdout, stderr }
}

/** Starts `spancast serve` on a free port, and waits until it listens. */
export async function serving(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<Served> {
  const child = startSpancast(['serve', '--port', '0', '--log', 'json', ...args], env)
  const log: Record<string, unknown>[] = []
  const lines = createInterface({ input: child.stderr })
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const record = recordOf(line)
      log.push(record)
      if (record.msg === 'Listening.') resolve(String(record.url))
    })
    child.once('close', (code) => {
      reject(
        new Error(
          `Expected spancast serve to listen, it ended with ${code}: ${JSON.stringify(log)}`,
        ),
      )
    })
  })
  return {
    url,
    process: child,
    log,
    stop: async (signal = 'SIGTERM') => {
      const closed = once(child, 'close')
      child.kill(signal)
      const [code] = await closed
      return { code }
    },
  }
}

function recordOf(line: string): Record<string, unknown> {
  return line.startsWith('{') ? JSON.parse(line) : { msg: line }
}
