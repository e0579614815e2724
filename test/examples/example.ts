import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { type AgentEvent, type AgentObserver, ObserverRegistry } from '@spancast/sdk'
import { expect } from 'vitest'
import { OpenBridges } from '../../bridge/src/testing/open-bridges.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const INSTALLER = join(ROOT, 'scripts/examples.mjs')
const SCRIPTED_MODEL = join(ROOT, 'examples/scripted-model/main.mjs')
const COPY = 'agent.copy.ts'
const MEASURED = new Set(['startedAt', 'duration', 'timeToFirstChunk'])

/** Long enough for a program that waits for its turn on a busy machine, short enough to end what never ends. */
const IDLE_MS = 30_000

/** Time for a first `npm ci` on a busy machine. */
export const INSTALL_MS = 240_000
/** Time for one run of an example on a busy machine. */
export const RUN_MS = 120_000

export interface Watched {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** The runs as the program told of them while they happened, in the order of their starts. */
  readonly live: readonly AgentEvent[][]
  /** The same runs as its exported spans alone tell of them. */
  readonly exported: readonly AgentEvent[][]
}

/** Installs an example. `false`, said loudly, if this Node or the network does not allow it. */
export async function installed(name: string): Promise<boolean> {
  const child = spawn(process.execPath, [INSTALLER, 'install', name])
  const [[code], said] = await Promise.all([once(child, 'close'), text(child.stderr)])
  if (code === 0) return true
  if (code !== 3 && code !== 4) throw new Error(`${name} could not be installed: ${said}`)
  process.stderr.write(`\nLEFT OUT: the example ${name} was not run. ${said.split('\n')[0]}\n\n`)
  return false
}

/**
 * Runs an installed example against the scripted model, watched by two bridges: one gets its live events, the other
 * nothing but its spans.
 *
 * @param program - The file to run, from the root, if it is that of another example.
 * @param command - What to run in the folder instead, if it is not in TypeScript.
 */
export async function watch(
  folder: string,
  options: {
    readonly program?: string | undefined
    readonly command?: readonly string[]
    readonly args?: readonly string[]
  } = {},
): Promise<Watched> {
  const bridges = new OpenBridges()
  const cwd = join(ROOT, folder)
  try {
    const [live, exported] = [
      new ObserverRegistry({ runIdleMs: IDLE_MS }),
      new ObserverRegistry({ runGraceMs: 200, runIdleMs: IDLE_MS }),
    ]
    const told = await bridges.open({ registry: live })
    const sent = await bridges.open({ registry: exported })
    if (options.program !== undefined) await copyFile(join(ROOT, options.program), join(cwd, COPY))
    const program = options.program === undefined ? 'agent.ts' : COPY
    const typescript = ['--conditions=@spancast/source', '--import', 'tsx', program]
    const agent = options.command ?? [process.execPath, ...typescript]
    const child = spawn(
      process.execPath,
      [SCRIPTED_MODEL, '--', ...agent, ...(options.args ?? [])],
      {
        cwd,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...inherited(),
          SPANCAST_BRIDGE_URL: told.url,
          SPANCAST_OTLP_URL: sent.url,
          OTEL_EXPORTER_OTLP_ENDPOINT: sent.url,
          OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'SPAN_AND_EVENT',
        },
      },
    )
    const [[code], stdout, stderr] = await Promise.all([
      once(child, 'close'),
      text(child.stdout),
      text(child.stderr),
    ])
    return {
      code,
      stdout,
      stderr,
      live: await runsOf(live),
      exported: await runsOf(exported),
    }
  } finally {
    await bridges.closeAll()
    await rm(join(cwd, COPY), { force: true })
  }
}

/** What a reader of the whole run knows of each of its spans, and of the run itself; what was said meanwhile is left out. */
export function known(events: readonly AgentEvent[]): Record<string, unknown>[] {
  const spans = new Map<string, Record<string, unknown>>()
  for (const { seq: _, timestamp, ...event } of events) {
    const { type, spanId } = event
    if (type === 'agent.chunk' || type === 'agent.event') continue
    const key = `${type.startsWith('run.') ? 'run' : 'span'} ${spanId}`
    const before = spans.get(key)
    const types = [...(Array.isArray(before?.types) ? before.types : []), type]
    spans.set(key, { startedAt: timestamp, ...before, ...event, types })
  }
  return [...spans.entries()].sort(([a], [b]) => a.localeCompare(b)).map(([, span]) => span)
}

/** Times of spans lose the last digits on their way: what was measured agrees to a hundredth of a millisecond. */
export function expectSame(some: readonly AgentEvent[][], others: readonly AgentEvent[][]): void {
  const about = (span: Record<string, unknown>): Record<string, unknown> => {
    const entries = Object.entries(span)
    return Object.fromEntries(
      entries.map(([key, value]) => [
        key,
        typeof value === 'number' && MEASURED.has(key) ? expect.closeTo(value, 2) : value,
      ]),
    )
  }
  expect(some.map(known)).toEqual(others.map((run) => known(run).map(about)))
}

/** Without a key, which would lead to the real API, and without what says that this is a test: some trace nothing then. */
function inherited(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([key]) => !/^(OPENAI|OTEL|SPANCAST|VITEST|NODE_ENV$|NODE_OPTIONS$)/.test(key),
  )
  return Object.fromEntries(kept)
}

/** What came is all there: the program flushed before it ended. Only the runs' own ends may still be due. */
async function runsOf(registry: ObserverRegistry): Promise<AgentEvent[][]> {
  const observers = registry.list()
  await Promise.all(observers.map(ended))
  return observers
    .map((observer) => observer.getEvents())
    .sort(([a], [b]) => (a?.timestamp ?? 0) - (b?.timestamp ?? 0))
}

function ended(observer: AgentObserver): Promise<void> {
  return new Promise((resolve) => {
    if (observer.ended) return resolve()
    const stop = observer.subscribe(({ type }) => {
      if (type !== 'run.end') return
      stop()
      resolve()
    })
  })
}
