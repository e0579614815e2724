import { genai } from './genai.ts'
import type { Dialect, Recognised, SpanFacts } from './span-facts.ts'

/** In order of precedence: the first that recognises a span has it. A new dialect is one file and one line here. */
const DIALECTS: readonly Dialect[] = [genai]

/** What the span is; `undefined` if no dialect knows it. */
export function classify(facts: SpanFacts): Recognised | undefined {
  for (const dialect of DIALECTS) {
    const is = dialect.recognise(facts)
    if (is !== undefined) return is
  }
  return undefined
}
