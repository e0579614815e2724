import type { SpanFacts } from './span-facts.ts'

/**
 * What `read` makes of the facts. Where a value among the attributes breaks it, an object whose getters throw for one,
 * what it makes of them without all that is no text, number or boolean.
 */
export function warily<T>(facts: SpanFacts, read: (facts: SpanFacts) => T): T | undefined {
  try {
    return read(facts)
  } catch {
    // Once more below.
  }
  try {
    return read({ ...facts, attributes: plainOnes(facts.attributes) })
  } catch {
    return undefined
  }
}

function plainOnes(attributes: SpanFacts['attributes']): SpanFacts['attributes'] {
  const plain: Record<string, unknown> = {}
  for (const key of Object.keys(attributes)) {
    const value = readSafely(attributes, key)
    if (['string', 'number', 'boolean'].includes(typeof value)) plain[key] = value
  }
  return plain
}

function readSafely(attributes: SpanFacts['attributes'], key: string): unknown {
  try {
    return attributes[key]
  } catch {
    return undefined
  }
}
