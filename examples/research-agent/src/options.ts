import { resolve } from 'node:path'
import { parseArgs } from 'node:util'

export interface Options {
  /** The question to ask first. */
  readonly question: string
  /** Port of the bridge; 0 picks a free one. Default 4319. */
  readonly port: number
  /** Folder to read, absolute. Default: the nearest `node_modules`. */
  readonly folder: string | undefined
  /** Whether to leave after the first answer. */
  readonly once: boolean
  readonly help: boolean
}

export const DEFAULT_QUESTION =
  'Why does compression hold back server-sent events, how deep does qs nest objects, and what is fuzzy search in MiniSearch?'

export const HELP = `npm start -- [options] ["question"]

A team of agents answers your question from the documentation in node_modules, and you watch it work.

  --folder <path>  read the Markdown and text files under this folder
  --port <number>  port of the bridge on 127.0.0.1 (default 4319, or SPANCAST_PORT; 0: any)
  --once           leave after the first answer
  --help           this text

  OPENAI_API_KEY               let a model plan and write (also OPENAI_BASE_URL, OPENAI_MODEL)
  OTEL_EXPORTER_OTLP_ENDPOINT  send the traces there too, such as http://localhost:4318
  NO_COLOR                     no colours
`

/**
 * What the command line and the environment ask for.
 *
 * @throws If an option is unknown or its value cannot be used; the message says what to do.
 */
export function optionsFrom(args: readonly string[], env: NodeJS.ProcessEnv): Options {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      folder: { type: 'string' },
      port: { type: 'string' },
      once: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const question = positionals.join(' ').trim()
  // npm changes into the workspace; INIT_CWD is where the user was.
  const from = env.INIT_CWD ?? process.cwd()
  return {
    question: question === '' ? DEFAULT_QUESTION : question,
    port: portOf(values.port ?? env.SPANCAST_PORT ?? '4319'),
    folder: values.folder === undefined ? undefined : resolve(from, values.folder),
    once: values.once,
    help: values.help,
  }
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= 65_535) return port
  throw new Error(
    `Expected \`--port\` to be a whole number from 0 to 65535, got ${JSON.stringify(text)}.`,
  )
}
