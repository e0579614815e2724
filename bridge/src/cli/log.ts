import { type Logger, pino } from 'pino'
import type { Environment, FlagGroup, Output } from './command.ts'
import type { GivenFlags } from './given-flags.ts'
import { logLine } from './log-line.ts'
import { UsageError } from './usage-error.ts'

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']
const FORMATS = ['text', 'json']

/** The flags that shape the log. */
export const LOG_FLAGS: FlagGroup = {
  title: 'Log, on stderr',
  flags: [
    {
      name: 'log',
      value: FORMATS.join('|'),
      doc: 'Lines for people, or a JSON record each. Default text in a terminal, else json.',
    },
    { name: 'log-level', value: '<level>', doc: `One of ${LEVELS.join(', ')}.`, default: 'info' },
  ],
}

/**
 * The log that flags and environment ask for (`SPANCAST_LOG`, `SPANCAST_LOG_LEVEL`, `NO_COLOR`). What is said is
 * written at once.
 *
 * @throws UsageError for a level or a format that there is not.
 */
export function openLog(given: GivenFlags, env: Environment, stderr: Output): Logger {
  const format =
    chosen('log', 'SPANCAST_LOG', FORMATS, given, env) ?? (stderr.isTTY ? 'text' : 'json')
  const level = chosen('log-level', 'SPANCAST_LOG_LEVEL', LEVELS, given, env) ?? 'info'
  const options = {
    level,
    // Without the process and the machine: whoever collects logs knows them.
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  if (format === 'json') return pino(options, stderr)
  const colored = stderr.isTTY === true && !env.NO_COLOR
  const lines = {
    // pino's own line.
    write: (json: string) =>
      stderr.write(logLine(JSON.parse(json) as Record<string, unknown>, colored)),
  }
  return pino(options, lines)
}

function chosen(
  flag: string,
  variable: string,
  choices: readonly string[],
  given: GivenFlags,
  env: Environment,
): string | undefined {
  const [name, text] =
    given.value(flag) === undefined ? [variable, env[variable]] : [`--${flag}`, given.value(flag)]
  if (text === undefined || text === '') return undefined
  if (choices.includes(text)) return text
  throw new UsageError(`Expected ${name} to be one of ${choices.join(', ')}, got '${text}'.`)
}
