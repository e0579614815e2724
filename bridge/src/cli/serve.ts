import type { Logger } from 'pino'
import { createBridge } from '../create-bridge.ts'
import type { Listening } from '../listener.ts'
import type { BridgeNotice, BridgeOptions } from '../options.ts'
import { isLoopbackName } from '../security/loopback.ts'
import { shownUrl } from '../store/redis/options.ts'
import type { Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { LOG_FLAGS, openLog } from './log.ts'
import { bridgeOptions, LIMIT_FLAGS, OPTION_FLAGS } from './settings.ts'
import { type StopSignal, stopSignals } from './stop-signals.ts'
import { isMistake } from './usage-error.ts'

// More than the bridge itself takes to end its streams and to send what waits.
const STOP_MS = 15_000
// What is left open then is nothing that somebody waits for.
const LINGER_MS = 1000

/** `spancast serve`: a bridge of its own, until it is told to stop. */
export const serve: Command = {
  name: 'serve',
  summary: 'Receives OTLP, streams the runs in it over SSE, and passes traces on',
  details: [
    'Each flag has a variable: SPANCAST_ and its name, such as SPANCAST_UPSTREAM_URL. Flags win. Tokens come from\nSPANCAST_TOKEN and SPANCAST_INGEST_TOKEN, or from files. SIGINT and SIGTERM end it in good order, a second one at once.',
  ],
  groups: [
    { title: 'Flags', flags: OPTION_FLAGS },
    LOG_FLAGS,
    { title: 'Limits', flags: LIMIT_FLAGS },
  ],
  run: async (given, { env, stderr }) => {
    const options = await bridgeOptions(given, env)
    const log = openLog(given, env, stderr)
    logWarnings(log)
    const signals = stopSignals((signal) => {
      log.warn({ signal }, 'Stopping at once.')
      process.exit(signal === 'SIGINT' ? EXIT.interrupted : EXIT.failed)
    })
    const bridge = createBridge({ ...options, onNotice: (notice) => logNotice(notice, log) })
    let listening: Listening
    try {
      listening = await bridge.listen()
    } catch (error) {
      signals.off()
      await endsIn(STOP_MS, bridge.close(), log)
      if (isMistake(error)) throw error
      log.fatal(messageOf(error))
      return EXIT.failed
    }
    announce(listening, options, log)
    const signal = await signals.first
    log.info({ signal }, 'Stopping.')
    const code = (await endsIn(STOP_MS, bridge.close(), log)) ? codeFor(signal) : EXIT.failed
    if (code !== EXIT.failed) log.info('Stopped.')
    setTimeout(() => process.exit(code), LINGER_MS).unref()
    return code
  },
}

function announce({ url }: Listening, options: BridgeOptions, log: Logger): void {
  const { upstreamUrl, spool, token, insecure, host = '127.0.0.1' } = options
  log.info({ url }, 'Listening.')
  if (options.redisUrl !== undefined) {
    log.info({ redis: shownUrl(options.redisUrl) }, 'Runs live in Redis.')
  }
  if (upstreamUrl === undefined) {
    log.info('Traces are passed on to nobody: there is no --upstream.')
  } else {
    log.info({ upstream: withoutSecrets(upstreamUrl), spool }, 'Passing traces on.')
  }
  if (token === undefined && insecure === true && !isLoopbackName(host)) {
    log.warn(
      { host },
      'Without a token whoever reaches this address can read all runs. Set SPANCAST_TOKEN, unless something else guards it.',
    )
  }
}

function logNotice({ message, ...rest }: BridgeNotice, log: Logger): void {
  if (rest.type === 'upstream.back' || rest.type === 'store.back') log.info(rest, message)
  else log.warn(rest, message)
}

/** What Node would print between the records becomes one of them. */
function logWarnings(log: Logger): void {
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    const { name, message } = warning
    // Set by `emitWarning`, and not known to its type.
    const { code, detail } = warning as { code?: unknown; detail?: unknown }
    log.warn({ name, code, detail }, message)
  })
}

async function endsIn(ms: number, ending: Promise<void>, log: Logger): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, ms, false)
  })
  try {
    const ended = await Promise.race([ending.then(() => true), late])
    if (!ended) log.error(`It has not ended in ${ms} ms, and is ended now.`)
    return ended
  } catch (error) {
    log.error(messageOf(error))
    return false
  } finally {
    clearTimeout(timer)
  }
}

function codeFor(signal: StopSignal): number {
  return signal === 'SIGINT' ? EXIT.interrupted : EXIT.ok
}

function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url)
  return `${origin}${pathname === '/' ? '' : pathname}`
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
