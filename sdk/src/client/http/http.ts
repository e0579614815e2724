import { ClientError, ProtocolError, UnreachableError } from '../errors.ts'
import { refusalOf } from './refusal.ts'

/** What `new Headers` takes. */
type GivenHeaders = NonNullable<ConstructorParameters<typeof Headers>[0]>

export interface HttpOptions {
  readonly baseUrl: string
  readonly token?: string | undefined
  readonly headers?: GivenHeaders | (() => GivenHeaders | Promise<GivenHeaders>) | undefined
  readonly fetch?: typeof fetch | undefined
}

export interface Call {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
  /** How long the answer may take, in milliseconds. Default 30 000; 0: as long as it takes. */
  readonly timeoutMs?: number
}

const ANSWER_MS = 30_000

/** Requests to one bridge. */
export class Http {
  readonly #options: HttpOptions
  readonly #base: string

  constructor(options: HttpOptions) {
    this.#options = options
    this.#base = options.baseUrl.replace(/\/+$/, '')
  }

  /** The answer, whatever it is. Rejects as `fetch` does. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const { token, headers, fetch: given = fetch } = this.#options
    const all = new Headers(typeof headers === 'function' ? await headers() : headers)
    if (token !== undefined) all.set('authorization', `Bearer ${token}`)
    for (const [name, value] of new Headers(init.headers)) all.set(name, value)
    // Browsers know it, the types of Node do not.
    const fresh: RequestInit & { readonly cache: string } = { cache: 'no-store', ...init }
    return given(`${this.#base}${path}`, { ...fresh, headers: all })
  }

  /**
   * A good answer.
   *
   * @throws HttpError for any other, UnreachableError if there is none.
   */
  async call(path: string, call: Call = {}): Promise<Response> {
    const { method = 'GET', headers, body, signal, timeoutMs = ANSWER_MS } = call
    const late = timeoutMs > 0 ? [AbortSignal.timeout(timeoutMs)] : []
    const signals = [...(signal ? [signal] : []), ...late]
    let response: Response
    try {
      response = await this.fetch(path, {
        method,
        headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.any(signals),
      })
    } catch (error) {
      if (signal?.aborted || error instanceof ClientError) throw error
      throw this.#unreachable(error)
    }
    if (!response.ok) throw await refusalOf(response)
    return response
  }

  /** The JSON object of a good answer. What a bridge answers is as its contract says; what is no object is no bridge. */
  async json<T extends object>(path: string, call?: Call): Promise<T> {
    const response = await this.call(path, call)
    const value: unknown = await response.json().catch((error: unknown) => {
      if (call?.signal?.aborted) throw error
      return undefined
    })
    if (typeof value !== 'object' || value === null) {
      throw new ProtocolError(`Expected JSON of a bridge from ${path}, got something else.`)
    }
    // As the bridge's contract says.
    return value as T
  }

  #unreachable(cause: unknown): UnreachableError {
    const where = this.#base === '' ? 'the origin of this page' : this.#base
    return new UnreachableError(`Expected a bridge at ${where}, got no answer.`, { cause })
  }
}
