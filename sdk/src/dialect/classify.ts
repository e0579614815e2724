import { genai } from './genai.ts'
import type { Dialect, Recognised, SpanFacts } from './span-facts.ts'

/** In order of precedence: the first that recognises a span has it. A new dialect is one file and one line here. */
const DIALECTS: readonly Dialect[] = [genai]

/** For spans whose dialect was not seen at their start: whichever knows their end. */
export const anyDialect: Dialect = {
  keys: DIALECTS.flatMap(({ keys }) => keys),
  recognise: classify,
  conclude: (facts, role) => classify(facts)?.dialect.conclude(facts, role) ?? {},
}

/** What the span is; `undefined` if no dialect knows it. */
export function classify(facts: SpanFacts): Recognised | undefined {
  for (const dialect of DIALECTS) {
    const is = dialect.recognise(facts)
    if (is !== undefined) return is
  }
  return undefined
}
