import { context } from '@opentelemetry/api'
import { dropWith, keepOpen } from './dropped.ts'
import { type FoundMethod, findMethod, type Method, replaceMethod } from './method.ts'
import type { CallProgress } from './progress.ts'
import { Streamed } from './streamed.ts'
import { followPromise, isNativePromise, type Outcome, watchThenable } from './thenable.ts'

/** How somebody stepped: `return` brings back the consumer's own value, which is no output. */
type Step = 'next' | 'return' | 'throw'

/** The iterators of arrays, strings and collections run nobody's code: they are values. */
const BUILT_IN: ReadonlySet<object | null> = new Set(
  [
    [].values(),
    ''[Symbol.iterator](),
    new Map().values(),
    new Set().values(),
    'a'.matchAll(/a/g),
  ].map((iterator) => Reflect.getPrototypeOf(iterator)),
)

/** `[Symbol.asyncIterator]` of all async generators. */
const ITSELF: unknown = findMethod((async function* () {})(), Symbol.asyncIterator)?.method

/** Whether it is an iterator whose steps are worth watching, given that it has a `next`. */
export function isIterator(object: object): boolean {
  if (!(Symbol.asyncIterator in object) && !(Symbol.iterator in object)) return false
  return !BUILT_IN.has(Reflect.getPrototypeOf(object))
}

/**
 * Watches an iterator or generator object through a `next`, `return` and `throw` of its own. It stays the same
 * object and is stepped by its consumer alone; each step runs in the call's context.
 *
 * @returns `false` if the object cannot be watched; then nothing has changed.
 */
export function watchIterator(iterator: object, next: FoundMethod, call: CallProgress): boolean {
  if (!watchSteps(iterator, next, call, new Streamed(call))) return false
  const iterate = findMethod(iterator, Symbol.asyncIterator)
  // A cursor has a `next` and gives another object to iterate; a generator gives itself.
  if (iterate !== undefined && iterate.method !== ITSELF)
    watchAsyncIterable(iterator, iterate, call)
  return true
}

/**
 * Watches the first iteration of an async iterable through a `[Symbol.asyncIterator]` of its own. The iterable
 * stays the same object.
 *
 * @returns `false` if the object cannot be watched; then nothing has changed.
 */
export function watchAsyncIterable(
  iterable: object,
  iterate: FoundMethod,
  call: CallProgress,
): boolean {
  let taken = false
  function asyncIterator(this: unknown, ...args: unknown[]): unknown {
    if (taken) return Reflect.apply(iterate.method, this, args)
    taken = true
    let iterator: unknown
    try {
      iterator = context.with(call.context, iterate.method, this, ...args)
    } catch (error) {
      call.fail(error)
      throw error
    }
    if (iterator === iterable) return iterator
    keepOpen(call)
    const streamed = new Streamed(call)
    try {
      const next = isObject(iterator) ? findMethod(iterator, 'next') : undefined
      if (
        !isObject(iterator) ||
        next === undefined ||
        !watchSteps(iterator, next, call, streamed)
      ) {
        streamed.end()
      } else {
        dropWith(iterator, call)
      }
    } catch {
      // An iterator that does not let itself be looked at.
      streamed.end()
    }
    return iterator
  }
  return replaceMethod(iterable, Symbol.asyncIterator, asyncIterator, iterate.own)
}

function watchSteps(
  iterator: object,
  next: FoundMethod,
  call: CallProgress,
  streamed: Streamed,
): boolean {
  const steps = (method: Method, step: Step): Method =>
    function (this: unknown, ...args: unknown[]): unknown {
      if (streamed.ended) return Reflect.apply(method, this, args)
      let result: unknown
      try {
        result = context.with(call.context, method, this, ...args)
      } catch (error) {
        streamed.fail(error)
        throw error
      }
      return afterStep(result, step, call, streamed)
    }

  const leave = findMethod(iterator, 'return')
  const raise = findMethod(iterator, 'throw')
  if (!replaceMethod(iterator, 'next', steps(next.method, 'next'), next.own)) return false
  if (raise !== undefined) replaceMethod(iterator, 'throw', steps(raise.method, 'throw'), raise.own)
  if (leave !== undefined) {
    replaceMethod(iterator, 'return', steps(leave.method, 'return'), leave.own)
  } else if (!('return' in iterator)) {
    // Without one, nobody would hear of a `break`. The iterator itself is not closed by it, as before.
    replaceMethod(iterator, 'return', leaving(iterator, streamed), undefined)
  }
  return true
}

function leaving(iterator: object, streamed: Streamed): Method {
  const isAsync = Symbol.asyncIterator in iterator
  return (value) => {
    streamed.end()
    const result = { value, done: true }
    return isAsync ? Promise.resolve(result) : result
  }
}

function afterStep(result: unknown, step: Step, call: CallProgress, streamed: Streamed): unknown {
  if (!isObject(result)) return result
  const outcome: Outcome = {
    context: call.context,
    asked() {},
    resolved(value) {
      noteResult(value, step, streamed)
      return value
    },
    rejected(error) {
      streamed.fail(error)
    },
  }
  try {
    if (isNativePromise(result)) return followPromise(result, outcome.resolved, outcome.rejected)
    const then = findMethod(result, 'then')
    if (then === undefined) noteResult(result, step, streamed)
    else watchThenable(result, then, outcome)
  } catch {
    // A result that does not let itself be looked at is handed on as it is.
  }
  return result
}

function noteResult(result: unknown, step: Step, streamed: Streamed): void {
  // A database cursor has a `next` too, which gives the bare row.
  if (!isObject(result) || !('done' in result || 'value' in result)) return
  try {
    const { done, value } = result as { done?: unknown; value?: unknown }
    if (!done) streamed.chunk(value)
    else if (step === 'return') streamed.end()
    else streamed.end(value)
  } catch {
    // A throwing getter is the consumer's to meet.
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
