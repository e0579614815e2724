import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const SCRIPT = new URL('../scripts/collector.mjs', import.meta.url).pathname

/**
 * An OpenTelemetry Collector to measure beside the bridge.
 *
 * @param build - Whether to build one where there is none, which takes some minutes.
 * @returns `{ binary }`, or `{ missing }` with a sentence that says why there is none.
 */
export function findCollector({ build }) {
  if (!existsSync('/proc/self/stat')) {
    return { missing: 'The CPU time of a Collector is read from /proc, which is not there.' }
  }
  const args = build ? [SCRIPT] : [SCRIPT, '--no-build']
  // A build tells how far it is; without one, what is said is the reason.
  const stdio = ['ignore', 'pipe', build ? 'inherit' : 'pipe']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', stdio })
  if (status === 0) return { binary: stdout.trim() }
  return {
    missing:
      stderr?.trim().replace(/^collector: /, '') ?? 'The Collector was not built, see above.',
  }
}
