import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface HostOutcome {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** From its first line of output to its exit, in milliseconds. */
  readonly leavingMs: number
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const INHERITED = /^(SPANCAST|OTEL)_/

/** Runs `code` as the main module of a Node process, as an application that uses the SDK. */
export function runHost(
  code: string,
  env: Readonly<Record<string, string>> = {},
  nodeOptions: readonly string[] = [],
): Promise<HostOutcome> {
  const own = Object.entries(process.env).filter(([name]) => !INHERITED.test(name))
  return new Promise((resolve) => {
    let saidAt = 0
    const host = execFile(
      process.execPath,
      [
        '--conditions=@spancast/source',
        '--import=tsx',
        ...nodeOptions,
        '--input-type=module',
        `--eval=${code}`,
      ],
      { cwd: ROOT, env: { ...Object.fromEntries(own), ...env }, timeout: 15_000 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({ code, stdout, stderr, leavingMs: performance.now() - saidAt })
      },
    )
    host.stdout?.once('data', () => {
      saidAt = performance.now()
    })
  })
}
