import { SpancastError } from '../errors.ts'
import { genaiPrices } from './genai-prices.ts'
import type { Prices } from './prices.ts'

/**
 * The price lists to ask, in order: what is given, then that of `@pydantic/genai-prices` if it is installed.
 *
 * @param given - `false`: none at all.
 * @throws SpancastError `invalid-option` for what is neither a function nor `false`.
 */
export function priceLists(given: Prices | false | undefined): readonly Prices[] {
  if (given === false) return []
  if (given === undefined) return [genaiPrices]
  if (typeof given === 'function') return [given, genaiPrices]
  throw new SpancastError(
    'invalid-option',
    `Expected \`prices\` to be a function (usage, { model, provider }) => number | null, or false, got ${typeof given}.`,
  )
}
