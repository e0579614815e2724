import { type ContentRules, DEFAULT_MAX_CONTENT_BYTES } from './content.ts'

/** Each sink's rules; `undefined` where it gets no content. */
export interface SinkContent {
  readonly live: ContentRules | undefined
  readonly spans: ContentRules | undefined
  /** For exceptions on exported spans, which OpenTelemetry records whether content is captured or not. */
  readonly spanErrors: ContentRules
}

const SHARED = Symbol.for('spancast.content-rules.v1')
const shared = globalThis as { [SHARED]?: { current: SinkContent } }
const DEFAULT_RULES: ContentRules = { maxContentBytes: DEFAULT_MAX_CONTENT_BYTES }
shared[SHARED] ??= {
  current: { live: DEFAULT_RULES, spans: undefined, spanErrors: DEFAULT_RULES },
}
const holder = shared[SHARED]

/** The rules in force in this process, shared by all copies of the SDK. */
export function contentRules(): SinkContent {
  return holder.current
}

/** Puts other rules in force, in place of those before. */
export function setContentRules(rules: SinkContent): void {
  holder.current = rules
}
