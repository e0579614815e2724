import { spawn, spawnSync } from 'node:child_process'
import { text } from 'node:stream/consumers'

const SIGNALS = ['SIGINT', 'SIGTERM']

/** Whether there is a Go to build with. */
export function hasGo() {
  return spawnSync('go', ['version']).status === 0
}

/** Runs Go in a folder. Rejects with what it said if it fails. @returns what it printed on stdout. */
export async function go(cwd, ...args) {
  const env = { ...process.env, CGO_ENABLED: '0', GOWORK: 'off' }
  // A group of its own: what Go has started goes with it when this is interrupted.
  const child = spawn('go', args, { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = () => process.kill(-child.pid, 'SIGKILL')
  for (const signal of SIGNALS) process.once(signal, stop)
  const ended = new Promise((done, failed) => child.once('error', failed).once('close', done))
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  for (const signal of SIGNALS) process.off(signal, stop)
  if (code === 0) return out
  const lines = `${out}${err}`.split('\n').filter((line) => !line.startsWith('go: downloading'))
  throw new Error(`go ${args[0]} ended with ${code ?? 'a signal'}\n${lines.join('\n')}`)
}
