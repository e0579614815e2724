import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

const SCRIPT = fileURLToPath(new URL('../../scripts/jaeger.mjs', import.meta.url))

/** A Jaeger v2 to test with, built if need be; `undefined` where there is none, which is said loudly. */
export async function findJaeger(): Promise<string | undefined> {
  // What it says on stderr is for whoever waits for these tests.
  const child = spawn(process.execPath, [SCRIPT], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [[code], path] = await Promise.all([once(child, 'close'), text(child.stdout)])
  if (code === 0) return path.trim()
  process.stderr.write(
    `\n!!! No Jaeger (scripts/jaeger.mjs ended with ${code}): the tests with a real Jaeger are LEFT OUT.\n\n`,
  )
  return undefined
}
