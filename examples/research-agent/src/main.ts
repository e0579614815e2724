import { createBridge } from '@spancast/bridge'
import { createRandomId } from '@spancast/sdk'
import { start } from '@spancast/sdk/setup'
import { ask } from './ask.ts'
import { guide } from './guide.ts'
import { nearestNodeModules } from './library/corpus.ts'
import { type Library, openLibrary } from './library/library.ts'
import { askNextQuestions } from './next-questions.ts'
import { HELP, type Options, optionsFrom } from './options.ts'
import { createResearchWorkflow } from './research.ts'
import { type Model, modelFrom } from './team/model.ts'
import { cleanLine } from './terminal/clean.ts'
import { paintFor } from './terminal/paint.ts'
import { RunPrinter } from './terminal/run-printer.ts'

const INTERRUPTED = 130

const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort())
process.once('SIGTERM', () => interrupt.abort())

const out = process.stdout
// A pipe whose reader left, such as `npm start | head`, ends the program like Ctrl-C does.
out.on('error', () => interrupt.abort())
const paint = paintFor(out, process.env)
process.exitCode = await main(interrupt.signal)

async function main(signal: AbortSignal): Promise<number> {
  try {
    const options = optionsFrom(process.argv.slice(2), process.env)
    if (options.help) {
      out.write(HELP)
      return 0
    }
    return await serve(options, signal)
  } catch (error) {
    if (signal.aborted) return INTERRUPTED
    process.stderr.write(`${paintFor(process.stderr, process.env)('red', messageOf(error))}\n`)
    return 1
  }
}

async function serve(options: Options, signal: AbortSignal): Promise<number> {
  const model = modelFrom(process.env)
  const library = await open(options.folder, signal)
  announce(library, model)

  const telemetry = start({ serviceName: 'research-agent' })
  const bridge = createBridge({
    registry: telemetry.registry,
    workflows: { research: createResearchWorkflow(library, model) },
    jaegerUiUrl: jaegerUiUrl(process.env),
  })
  try {
    const { url } = await bridge.listen(options.port).catch((error: unknown) => {
      throw listenError(error, options.port)
    })
    out.write(
      `${paint('dim', 'bridge ')} ${url}\n${paint('dim', 'page   ')} ${paint('bold', `${url}/`)}\n\n${paint('bold', `? ${cleanLine(options.question, 500)}`)}\n\n`,
    )
    const succeeded = await show(url, options.question, signal)
    if (options.once) return succeeded ? 0 : 1

    out.write(
      `\n${guide({ url, nextRandomId: createRandomId(), traced: isTraced(process.env), paint })}`,
    )
    // A model's answers are paid for: then only what somebody asks is asked.
    const goesOn = model === undefined && options.folder === undefined
    const more = goesOn ? ' The team goes on with a question every 15 s.' : ''
    out.write(`${paint('dim', `The bridge stays up.${more} Ctrl-C ends it.`)}\n`)
    if (goesOn) await askNextQuestions({ url, signal })
    await aborted(signal)
    return INTERRUPTED
  } finally {
    await bridge.close()
    await telemetry.shutdown()
  }
}

/** Asks and tells what happens, while it happens; whether the run came to a good end. */
async function show(url: string, question: string, signal: AbortSignal): Promise<boolean> {
  const printer = new RunPrinter({ paint, columns: out.columns ?? 100 })
  let succeeded = false
  for await (const event of ask(url, question, signal)) {
    out.write(printer.print(event))
    if (event.type === 'run.end') succeeded = event.status === 'ok'
  }
  out.write(printer.end())
  return succeeded
}

async function open(folder: string | undefined, signal: AbortSignal): Promise<Library> {
  const startedAt = performance.now()
  let told = startedAt
  return openLibrary(folder ?? (await nearestNodeModules(import.meta.dirname)), {
    signal,
    onProgress: (files) => {
      if (performance.now() - told < 1000) return
      told = performance.now()
      out.write(`${paint('dim', `reading … ${files} documents`)}\n`)
    },
  })
}

function announce(library: Library, model: Model | undefined): void {
  const passages = library.index.size.toLocaleString('en')
  const limit = library.cut ? ', more were left out' : ''
  out.write(
    `${paint('dim', 'reads  ')} ${library.folder} (${library.files} documents, ${passages} passages${limit})\n`,
  )
  const writer =
    model === undefined
      ? 'no model: it quotes what it finds (set OPENAI_API_KEY to use one)'
      : model.name
  out.write(`${paint('dim', 'writer ')} ${writer}\n`)
}

/** Where a Jaeger that takes the traces has its own pages, by default. */
function jaegerUiUrl(env: NodeJS.ProcessEnv): string | undefined {
  if (env.SPANCAST_JAEGER_UI_URL) return env.SPANCAST_JAEGER_UI_URL
  return isTraced(env) ? 'http://localhost:16686' : undefined
}

function isTraced(env: NodeJS.ProcessEnv): boolean {
  return Boolean(
    env.SPANCAST_OTLP_URL ||
      env.OTEL_EXPORTER_OTLP_ENDPOINT ||
      env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
  )
}

function listenError(error: unknown, port: number): unknown {
  const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  if (!inUse) return error
  return new Error(
    `Port ${port} is in use. Choose another one: npm start -- --port ${port + 1} (0 picks a free one).`,
  )
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  )
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
