import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const CACHE = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'spancast')
const VERSION = '1.45.2'
const PACKAGES = [
  `opentelemetry-sdk==${VERSION}`,
  `opentelemetry-exporter-otlp-proto-http==${VERSION}`,
]

/** A Python that has the OpenTelemetry SDK; `undefined`, and said on stderr, where none is to be had. */
export async function pythonWithOtel(): Promise<string | undefined> {
  const home = join(CACHE, `python-otlp-${VERSION}`)
  const python = join(home, 'bin', 'python')
  if (existsSync(python)) return python
  // Whole or not at all: an installation that was cut short must not be taken for one.
  const making = `${home}.${process.pid}`
  try {
    await run('python3', ['-m', 'venv', making])
    await run(join(making, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', ...PACKAGES])
    await rename(making, home)
    return python
  } catch (error) {
    if (existsSync(python)) return python
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    process.stderr.write(
      `\nLEFT OUT: senders in Python were not tested. They need python3 and PyPI: ${reason}\n\n`,
    )
    return undefined
  } finally {
    await rm(making, { recursive: true, force: true })
  }
}
