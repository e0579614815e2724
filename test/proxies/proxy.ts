import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:http2'
import { expect, onTestFinished } from 'vitest'

export interface ReverseProxy {
  readonly name: string
  /** What it needs and what is not there. */
  readonly missing: string | undefined
  /** Whether a `POST` that meets a bridge just killed is sent to another one; else its sender has to come back. */
  readonly triesAnother: boolean
  /**
   * @param hosts - Address and port of two bridges.
   * @param dir - An empty folder of its own.
   * @returns where it listens.
   */
  start(hosts: readonly string[], dir: string): Promise<string>
}

/** Starts a proxy until the test is over. Resolves when it takes connections over TLS. */
export async function startProxy(
  program: string,
  args: readonly string[],
  port: number,
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const child = spawn(program, args, {
    stdio: 'ignore',
    env: { ...process.env, ...env },
  })
  onTestFinished(async () => {
    if (child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  })
  const url = `https://localhost:${port}`
  await expect.poll(() => listens(url), { timeout: 20_000, interval: 20 }).toBe(true)
  return url
}

export function isThere(program: string, argument: string): boolean {
  try {
    execFileSync(program, [argument], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

async function listens(url: string): Promise<boolean> {
  const session = connect(url, { rejectUnauthorized: false })
  session.on('error', () => {})
  const connected = await Promise.race([
    once(session, 'connect').then(
      () => true,
      () => false,
    ),
    once(session, 'close').then(() => false),
  ])
  session.destroy()
  return connected
}
