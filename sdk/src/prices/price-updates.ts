import { SpancastError } from '../errors.ts'
import { sayOnce } from '../say-once.ts'
import { Untraced } from '../untraced.ts'
import { type GenaiPackage, genaiPackage } from './genai-package.ts'

type Providers = Parameters<
  Parameters<Parameters<GenaiPackage['updatePrices']>[0]>[0]['setProviderData']
>[0]

export interface PriceUpdateOptions {
  /** How often newer prices are fetched, in milliseconds; the first time at once. From 60 000 up. Default: once. */
  readonly everyMs?: number | undefined
  /** Where from: JSON in the form of genai-prices' `data.json`, version 2. Default: that project's newest. */
  readonly url?: string | undefined
}

const MIN_MS = 60_000
const MAX_MS = 2_147_483_647
const ANSWER_MS = 30_000
const MAX_CHARACTERS = 32 * 1024 * 1024

/**
 * Keeps the prices of `@pydantic/genai-prices` new for this process. A fetch that fails is said once, and leaves the
 * prices as they are.
 */
export class PriceUpdates {
  /** Settles when the prices have been fetched for the first time, or could not be. */
  first: Promise<void> = Promise.resolve()
  readonly #list: GenaiPackage
  readonly #url: string
  readonly #stopped = new AbortController()
  #timer: ReturnType<typeof setInterval> | undefined

  /** @throws SpancastError `invalid-option`, or `missing-peer` if the package is not installed. */
  constructor({ everyMs, url }: PriceUpdateOptions = {}) {
    assertOptions(everyMs, url)
    const list = genaiPackage()
    if (list === undefined) {
      throw new SpancastError(
        'missing-peer',
        'Newer prices are for @pydantic/genai-prices, which is not installed. Run: npm install @pydantic/genai-prices',
      )
    }
    this.#list = list
    this.#url = url ?? list.REMOTE_DATA_JSON_URL
    new Untraced().run(() => {
      this.first = this.#update()
      if (everyMs === undefined) return
      this.#timer = setInterval(() => void this.#update(), everyMs)
      this.#timer.unref()
    })
  }

  /** Fetches no more. Calling it twice is harmless. */
  stop(): void {
    clearInterval(this.#timer)
    this.#stopped.abort()
  }

  async #update(): Promise<void> {
    const { signal } = this.#stopped
    try {
      const data = await fetched(this.#url, signal)
      if (!signal.aborted) this.#list.updatePrices(({ setProviderData }) => setProviderData(data))
    } catch (error) {
      if (signal.aborted) return
      const reason = error instanceof Error ? error.message : String(error)
      sayOnce(
        'SPANCAST_PRICES_NOT_UPDATED',
        `Newer prices could not be fetched from ${this.#url}, so those of before hold: ${reason}`,
      )
    }
  }
}

/** Updates as options ask for them: none if neither is given. */
export function askedUpdates(everyMs?: number, url?: string): PriceUpdates | undefined {
  return everyMs === undefined && url === undefined ? undefined : new PriceUpdates({ everyMs, url })
}

async function fetched(url: string, stopped: AbortSignal): Promise<Providers> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(ANSWER_MS)])
  const response = await fetch(url, { signal })
  if (!response.ok || response.body === null) throw new Error(`HTTP status ${response.status}`)
  const text = new TextDecoder()
  let json = ''
  for await (const piece of response.body) {
    json += text.decode(piece, { stream: true })
    if (json.length > MAX_CHARACTERS) throw new Error(`more than ${MAX_CHARACTERS} characters`)
  }
  const data: unknown = JSON.parse(json)
  if (!Array.isArray(data)) throw new Error('no list of providers')
  // The package checks what is in it when it takes it.
  return data as Providers
}

function assertOptions(everyMs: unknown, url: unknown): void {
  const isTime =
    Number.isSafeInteger(everyMs) && Number(everyMs) >= MIN_MS && Number(everyMs) <= MAX_MS
  if (everyMs !== undefined && !isTime) {
    throw new SpancastError(
      'invalid-option',
      `Expected \`priceUpdateMs\` to be milliseconds, a whole number from ${MIN_MS} to ${MAX_MS}, got ${String(everyMs)}.`,
    )
  }
  const isUrl = typeof url === 'string' && /^https?:\/\//.test(url) && URL.canParse(url)
  if (url !== undefined && !isUrl) {
    throw new SpancastError(
      'invalid-option',
      `Expected \`priceDataUrl\` to be a URL such as https://example.com/data.json, got ${String(url)}.`,
    )
  }
}
