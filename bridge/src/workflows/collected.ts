/**
 * A workflow's result as one value: a stream or an iterator is consumed, since nobody else would, and the run stays
 * open until somebody does. Pieces that are all text become one text, others a list.
 */
export async function collected(result: unknown): Promise<unknown> {
  if (typeof result !== 'object' || result === null) return result
  if (isAsyncIterable(result)) {
    const pieces: unknown[] = []
    for await (const piece of result) pieces.push(piece)
    return joined(pieces)
  }
  // An array or a Map is a value, an iterator is something that goes on.
  return isIterator(result) ? joined([...result]) : result
}

function joined(pieces: readonly unknown[]): unknown {
  const texts = pieces.filter((piece) => typeof piece === 'string')
  return texts.length === pieces.length ? texts.join('') : pieces
}

function isAsyncIterable(value: object): value is AsyncIterable<unknown> {
  return Symbol.asyncIterator in value && typeof value[Symbol.asyncIterator] === 'function'
}

function isIterator(value: object): value is Iterable<unknown> {
  return 'next' in value && typeof value.next === 'function' && Symbol.iterator in value
}
