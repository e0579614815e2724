import { SpancastError } from '../errors.ts'
import { type ContentRules, DEFAULT_MAX_CONTENT_BYTES } from '../event/content.ts'
import { setContentRules } from '../event/sink-content.ts'

export { contentRules } from '../event/sink-content.ts'

/** Rules of one sink; what is not given is taken from the rules for all. */
export interface SinkRules {
  /** Replaces or removes values; see `ContentOptions.redact`. */
  readonly redact?: ContentRules['redact']
  /** Bytes of one content field. */
  readonly maxContentBytes?: number
}

/** What content is captured, and what is done to it first. */
export interface ContentOptions {
  readonly capture?: {
    /** Content on the live stream. Default `true`; `false` keeps it off; an object gives this sink its own rules. */
    readonly live?: boolean | SinkRules
    /** Content on exported spans. Default `false`, as the GenAI conventions want. */
    readonly spans?: boolean | SinkRules
  }
  /**
   * Called for every value in a content field, outermost first, with its JSON Pointer from the event (`/args/q`).
   * What it returns is shown instead; `undefined` removes the value. Synchronous. One that throws yields
   * `"[redaction failed]"`, never the value.
   */
  readonly redact?: (value: unknown, path: string) => unknown
  /** Bytes of one content field, as JSON; longer ones are cut. Whole number from 64 up. Default 32 768. */
  readonly maxContentBytes?: number
}

/**
 * Sets the content rules of this process, in place of those before.
 *
 * @throws SpancastError `invalid-option` for a `maxContentBytes` below 64 or a `redact` that is no function.
 */
export function configure(options: ContentOptions): void {
  const { capture = {}, redact, maxContentBytes = DEFAULT_MAX_CONTENT_BYTES } = options
  const base: BaseRules = { redact, maxContentBytes }
  const { live = true, spans = false } = capture
  const spanRules = rulesOf(spans, base)
  setContentRules({
    live: live === false ? undefined : rulesOf(live, base),
    spans: spans === false ? undefined : spanRules,
    spanErrors: spanRules,
  })
}

interface BaseRules {
  readonly redact: ContentRules['redact'] | undefined
  readonly maxContentBytes: number
}

function rulesOf(sink: boolean | SinkRules, base: BaseRules): ContentRules {
  const own: SinkRules = typeof sink === 'object' ? sink : {}
  const redact = own.redact ?? base.redact
  const maxContentBytes = own.maxContentBytes ?? base.maxContentBytes
  if (redact !== undefined && typeof redact !== 'function') {
    throw new SpancastError(
      'invalid-option',
      `Expected \`redact\` to be a function (value, path) => value, got ${typeof redact}.`,
    )
  }
  if (!Number.isSafeInteger(maxContentBytes) || maxContentBytes < 64) {
    throw new SpancastError(
      'invalid-option',
      `Expected \`maxContentBytes\` to be a whole number from 64 up, got ${String(maxContentBytes)}. To keep content off a sink, use \`capture: { live: false }\`.`,
    )
  }
  return { maxContentBytes, ...(redact !== undefined && { redact }) }
}
