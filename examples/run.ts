// Starts an example and tells its runs while they happen. The example knows nothing of this: its environment says
// where its spans go and where the model is, as it would in a deployment.
import { spawn, spawnSync } from 'node:child_process'
import { constants } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createBridge } from '@spancast/bridge'
import { ObserverRegistry } from '@spancast/sdk'
import { paintFor } from './research-agent/src/terminal/paint.ts'
import { RunPrinter } from './research-agent/src/terminal/run-printer.ts'

const HELP = `run.ts [--once] PROGRAM [ARGS]

Starts a bridge and PROGRAM (a .ts file, or any command), and prints the program's runs as they happen. On a
terminal the bridge stays up afterwards until Ctrl-C, unless --once is given; PORT chooses its port (4319).
Without OPENAI_API_KEY a scripted model on loopback answers.
`
const DEFAULT_PORT = 4319
const INTERRUPTED = 130
const PAGE = fileURLToPath(new URL('../bridge/ui/build.mjs', import.meta.url))
const SCRIPTED_MODEL = fileURLToPath(new URL('scripted-model/main.mjs', import.meta.url))
/** How long the last events may take from the program to the bridge. */
const SETTLE_MS = 5000
/** Whoever looks around may take an hour. */
const RETENTION_MS = 3_600_000

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const once = args.includes('--once') || process.stdout.isTTY !== true
  const command = args.filter((arg) => arg !== '--once')
  if (command.length === 0 || command.includes('--help')) {
    process.stdout.write(HELP)
    return command.length === 0 ? 2 : 0
  }
  // Only where somebody stays to open it.
  if (!once) spawnSync(process.execPath, [PAGE, '--if-stale'], { stdio: ['ignore', 2, 2] })
  // Spans that come alone say that a run is over by their silence; nobody wants to wait ten seconds for it here.
  const registry = new ObserverRegistry({ runGraceMs: 1000, retentionMs: RETENTION_MS })
  const bridge = createBridge({ registry })
  const { url } = await bridge.listen(Number(process.env.PORT ?? DEFAULT_PORT)).catch((error) => {
    if (process.env.PORT !== undefined || error.code !== 'EADDRINUSE') throw error
    return bridge.listen(0)
  })
  const runs = tellRuns(registry)
  const interrupted = new Promise<void>((resolve) => process.on('SIGINT', () => resolve()))
  try {
    process.stdout.write(`bridge  ${url}\n\n`)
    const code = await run(command, url)
    await runs.settled()
    process.stdout.write('\n')
    for (const randomId of runs.ids()) process.stdout.write(`run     ${url}/runs/${randomId}\n`)
    if (once || code === INTERRUPTED) return code
    process.stdout.write('The bridge stays up. Ctrl-C ends it.\n')
    await interrupted
    return code
  } finally {
    await bridge.close()
  }
}

interface Runs {
  ids(): readonly string[]
  /** Resolves when all runs seen so far are over, or have said nothing for a while. */
  settled(): Promise<void>
}

function tellRuns(registry: ObserverRegistry): Runs {
  const printers = new Map<string, RunPrinter>()
  const open = new Set<string>()
  let allOver: (() => void) | undefined
  const columns = process.stdout.columns ?? 120
  registry.listen({
    appended: ({ randomId }, { event }) => {
      const printer =
        printers.get(randomId) ??
        new RunPrinter({ paint: paintFor(process.stdout, process.env), columns })
      printers.set(randomId, printer)
      open.add(randomId)
      process.stdout.write(printer.print(event))
      if (event.type !== 'run.end') return
      process.stdout.write(printer.end())
      open.delete(randomId)
      if (open.size === 0) allOver?.()
    },
  })
  return {
    ids: () => [...printers.keys()],
    settled: async () => {
      if (printers.size > 0 && open.size === 0) return
      const over = new Promise<void>((resolve) => {
        allOver = resolve
      })
      await Promise.race([over, sleep(SETTLE_MS, undefined, { ref: false })])
    },
  }
}

/** Runs the program in the foreground; its exit code. */
function run(command: readonly string[], bridgeUrl: string): Promise<number> {
  const [program = '', ...args] = command
  const started = program.endsWith('.ts')
    ? [process.execPath, ...process.execArgv, program, ...args]
    : command
  const child = spawn(process.execPath, [SCRIPTED_MODEL, '--', ...started], {
    stdio: 'inherit',
    env: {
      ...process.env,
      SPANCAST_BRIDGE_URL: bridgeUrl,
      OTEL_EXPORTER_OTLP_ENDPOINT: bridgeUrl,
    },
  })
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  // A pipe whose reader left, such as `npm start | head`.
  process.stdout.on('error', () => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) =>
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])),
    )
  })
}
