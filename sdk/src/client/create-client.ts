import type { RunEnd } from '../event/agent-event.ts'
import type { RunSummary } from '../event/run-summary.ts'
import { keepCore } from './client-core.ts'
import { ClientError, StreamLostError } from './errors.ts'
import { Http, type HttpOptions } from './http/http.ts'
import { linesOf } from './http/lines.ts'
import { type FollowOptions, follow, withAfter } from './stream/follow.ts'
import { Nap } from './stream/nap.ts'
import { recordIn, type StreamRecord } from './stream/record.ts'
import { isSummary, listSource } from './stream/run-list.ts'
import { type EventsOptions, RunStream } from './stream/run-stream.ts'

export interface ClientOptions extends FollowOptions {
  /** Where the bridge is, with the path that it is mounted at. Default: the origin of the page. */
  readonly baseUrl?: string
  /** The bridge's token, or a stream token of the one run that is to be read. */
  readonly token?: string
  /** More headers for every request; a function is asked each time, as for a token that changes. */
  readonly headers?: HttpOptions['headers']
  /** Used in place of the global `fetch`. */
  readonly fetch?: typeof fetch
}

export interface CallOptions {
  readonly signal?: AbortSignal
}

export interface ListOptions extends CallOptions {
  readonly status?: RunSummary['status']
  /** Runs of a page, 1 to 200. Default 50. */
  readonly limit?: number
  /** What an earlier page gave as `next`. */
  readonly cursor?: string
}

export interface ExportOptions extends CallOptions {
  /** The id to begin after, or a bare `seq`. Default: the beginning. */
  readonly after?: string
}

export interface InvokeOptions extends CallOptions {
  /** Default: the bridge makes one. */
  readonly randomId?: string
}

/** A workflow that a bridge can run. */
export interface WorkflowInfo {
  readonly name: string
  readonly description?: string
}

/** A client of one bridge, for browsers and Node. It holds nothing open but what is being read. */
export interface Client {
  /** The events of a run, as they come. */
  events(randomId: string, options?: EventsOptions): RunStream
  /** The summaries of all runs, then of each that changes. Endless. */
  runs(options?: CallOptions): AsyncGenerator<RunSummary, void>
  getRun(randomId: string, options?: CallOptions): Promise<RunSummary>
  /** A page of summaries, newest first; `next` is `null` on the last. */
  listRuns(options?: ListOptions): Promise<{ runs: RunSummary[]; next: string | null }>
  /** What the bridge keeps of a run up to now, with gaps where events are missing. */
  export(randomId: string, options?: ExportOptions): AsyncGenerator<StreamRecord, void>
  /** The last event of a run, once it is over. */
  waitForEnd(randomId: string, options?: CallOptions): Promise<RunEnd>
  workflows(options?: CallOptions): Promise<WorkflowInfo[]>
  /** Starts a workflow and leaves it to itself; its run tells how it goes on. */
  invoke(
    workflow: string,
    input?: unknown,
    options?: InvokeOptions,
  ): Promise<{ randomId: string; streamUrl: string }>
  /** Asks a run that was invoked at this bridge to stop. */
  cancel(randomId: string, options?: CallOptions): Promise<void>
  /** A token that lets its bearer read this one run. `expiresAt` is in milliseconds since the Unix epoch. */
  streamToken(
    randomId: string,
    options?: CallOptions,
  ): Promise<{ token: string; streamUrl: string; expiresAt: number }>
}

/** @throws ClientError for a `baseUrl` that is none. */
export function createClient(options: ClientOptions = {}): Client {
  const { baseUrl = '' } = options
  if (!isBase(baseUrl)) {
    throw new ClientError(
      `Expected \`baseUrl\` to be an address such as http://127.0.0.1:4319, got '${baseUrl}'.`,
    )
  }
  const http = new Http({ ...options, baseUrl })
  const client: Client = {
    events: (randomId, own = {}) => new RunStream(http, options, randomId, own),
    async *runs({ signal } = {}) {
      const source = listSource({
        signal: signal ?? new AbortController().signal,
        nap: new Nap(),
        connection: () => {},
      })
      for await (const batch of follow(http, options, source)) {
        for (const { value } of batch) if (isSummary(value)) yield value
      }
    },
    getRun: (randomId, call) => http.json(pathOf(randomId), call),
    listRuns: ({ signal, ...query } = {}) => {
      const given = Object.entries(query).map(([name, value]): [string, string] => [
        name,
        `${value}`,
      ])
      return http.json(`/api/agents?${new URLSearchParams(given)}`, { signal })
    },
    async *export(randomId, { signal, after } = {}) {
      const path = withAfter({ path: `${pathOf(randomId)}/events`, after })
      const response = await http.call(path, {
        headers: { accept: 'application/x-ndjson' },
        signal,
        timeoutMs: 0,
      })
      for await (const line of linesOf(response.body)) {
        const record = recordIn(JSON.parse(line))
        if (record !== undefined) yield record
      }
    },
    waitForEnd: async (randomId, { signal } = {}) => {
      const stay = { ...options, whenHidden: 'stay' } as const
      const ends = new RunStream(http, stay, randomId, {
        types: ['run.end'],
        ...(signal && { signal }),
      })
      for await (const event of ends) if (event.type === 'run.end') return event
      throw new StreamLostError('The stream was over before the run told its end.')
    },
    workflows: async (call) => {
      const { workflows } = await http.json<{ workflows: WorkflowInfo[] }>('/api/workflows', call)
      return workflows
    },
    invoke: (workflow, input, { signal, randomId } = {}) =>
      http.json('/api/workflow/invoke', {
        method: 'POST',
        headers: { prefer: 'respond-async' },
        body: { workflow, input, randomId },
        signal,
      }),
    cancel: async (randomId, call) => {
      await http.call(`${pathOf(randomId)}/cancel`, { method: 'POST', ...call })
    },
    streamToken: (randomId, call) =>
      http.json(`${pathOf(randomId)}/token`, { method: 'POST', ...call }),
  }
  keepCore(client, { http, options })
  return client
}

function pathOf(randomId: string): string {
  return `/api/agents/${encodeURIComponent(randomId)}`
}

/** An address, a path, or nothing: a page's own origin. Outside of a page only an address leads anywhere. */
function isBase(baseUrl: string): boolean {
  if (/^https?:\/\//.test(baseUrl)) return URL.canParse(baseUrl)
  return 'location' in globalThis && (baseUrl === '' || /^\/(?!\/)/.test(baseUrl))
}
