import { NOTHING } from '../context/handoff.ts'
import { dropWith, keepOpen } from './dropped.ts'
import { isIterator, watchAsyncIterable, watchIterator } from './iterator.ts'
import { findMethod } from './method.ts'
import { isNodeStream, isReadable, watchNodeStream } from './node-stream.ts'
import type { CallProgress } from './progress.ts'
import { followPromise, isNativePromise, type Outcome, watchThenable } from './thenable.ts'
import { isWebStream, watchWebStream } from './web-stream.ts'

/**
 * Decides when a call ends that has returned `result`: at once for a value; for a promise, an iterator or a
 * stream, when it has settled, or was consumed, left, or dropped. Reads and starts nothing by itself. Never throws.
 *
 * @returns What the caller gets: `result` itself, but for a native promise and a web stream, which are replaced by
 * ones of the same kind.
 */
export function settle(result: unknown, call: CallProgress): unknown {
  if ((typeof result !== 'object' || result === null) && typeof result !== 'function') {
    call.end(result)
    return result
  }
  try {
    if (isNativePromise(result)) {
      return followPromise(
        result,
        (value) => settle(value, call),
        (error) => call.fail(error),
      )
    }
    return watch(result, call)
  } catch {
    // A hostile getter or a revoked Proxy: what does not let itself be looked at is a value.
    call.end(result)
    return result
  }
}

function watch(result: object, call: CallProgress): unknown {
  if (Array.isArray(result) || !mayGoOn(result)) return value(result, call)
  const then = findMethod(result, 'then')
  const next = findMethod(result, 'next')
  const iterate = findMethod(result, Symbol.asyncIterator)
  if (then !== undefined) {
    const watched = watchThenable(result, then, outcomeOf(call))
    // Query builders can be awaited or iterated: the caller chooses.
    if (watched && iterate !== undefined) watchAsyncIterable(result, iterate, call)
    return kept(result, watched, call)
  }
  if (typeof result === 'function') return value(result, call)
  if (isNodeStream(result)) {
    if (!isReadable(result)) return value(result, call)
    return kept(result, watchNodeStream(result, call), call)
  }
  if (isWebStream(result)) {
    const replacement = watchWebStream(result, call)
    return replacement === undefined ? value(result, call) : kept(replacement, true, call)
  }
  if (next !== undefined && isIterator(result)) {
    return kept(result, watchIterator(result, next, call), call)
  }
  if (iterate !== undefined) return kept(result, watchAsyncIterable(result, iterate, call), call)
  return value(result, call)
}

/** Cheap, for the many results that are plain values: each of the others has one of these. */
function mayGoOn(result: object): boolean {
  return 'then' in result || 'next' in result || 'pipe' in result || Symbol.asyncIterator in result
}

function value(result: object, call: CallProgress): object {
  call.end(result)
  return result
}

function kept(result: object, watched: boolean, call: CallProgress): object {
  // A frozen one: when it ends cannot be known, and it has no output yet.
  if (watched) dropWith(result, call)
  else call.end(NOTHING)
  return result
}

function outcomeOf(call: CallProgress): Outcome {
  return {
    context: call.context,
    asked: () => keepOpen(call),
    resolved: (value) => settle(value, call),
    rejected: (error) => call.fail(error),
  }
}
