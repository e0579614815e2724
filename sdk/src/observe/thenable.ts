import { type Context, context } from '@opentelemetry/api'
import { NOTHING } from '../context/handoff.ts'
import { watchApiPromise } from './api-promise.ts'
import { type FoundMethod, findMethod, type Method, replaceMethod } from './method.ts'

/** Who wants to know what becomes of a thenable. No method throws. */
export interface Outcome {
  /** Where work runs that starts only when somebody asks for the result. */
  readonly context: Context
  /** Somebody asked for the result: from now on it settles, or never does. */
  asked(): void
  /** Takes the value, gives what the caller is to get in its place. */
  resolved(value: unknown): unknown
  rejected(error: unknown): void
}

/** Whether it is a promise of the language itself, neither of a subclass nor of another realm. */
export function isNativePromise(value: object): value is Promise<unknown> {
  return Reflect.getPrototypeOf(value) === Promise.prototype
}

/**
 * The promise to hand on in place of a native one. A derived one, since a handler on the caller's own would mark
 * its rejection as handled. It has the properties that somebody put on the original, such as `cancel`.
 */
export function followPromise(
  promise: Promise<unknown>,
  resolved: (value: unknown) => unknown,
  rejected: (error: unknown) => void,
): Promise<unknown> {
  const derived: Promise<unknown> = Reflect.apply(Promise.prototype.then, promise, [
    resolved,
    (error: unknown) => {
      rejected(error)
      throw error
    },
  ])
  // Not every own key: async_hooks keeps symbols on promises, each of them its own.
  for (const key in promise) {
    const descriptor = Object.getOwnPropertyDescriptor(promise, key)
    if (descriptor !== undefined) Reflect.defineProperty(derived, key, descriptor)
  }
  return derived
}

/**
 * Watches a promise subclass or any other thenable through a `then` of its own. It stays the same object, and
 * nothing starts before the caller asks.
 *
 * @returns `false` if the object cannot be watched; then nothing has changed.
 */
export function watchThenable(thenable: object, found: FoundMethod, outcome: Outcome): boolean {
  const watched = once(outcome)
  // Others are free to call `fail?.(error)` from anywhere, where an error thrown back at them would be uncaught.
  const chains = thenable instanceof Promise

  function then(this: unknown, ...args: unknown[]): unknown {
    const outer = context.active()
    const [onFulfilled, onRejected] = args
    const fulfilled = (value: unknown, ...more: unknown[]) => {
      const given = watched.resolved(value)
      return isMethod(onFulfilled)
        ? context.with(outer, onFulfilled, undefined, given, ...more)
        : given
    }
    const rejected = (error: unknown, ...more: unknown[]) => {
      watched.rejected(error)
      if (!isMethod(onRejected)) throw error
      return context.with(outer, onRejected, undefined, error, ...more)
    }
    const seesFailure = chains || isMethod(onRejected)
    const returned = ask(found.method, this, [
      fulfilled,
      seesFailure ? rejected : onRejected,
      ...args.slice(2),
    ])
    return seesFailure ? returned : follow(returned, watched)
  }

  const ask = (method: Method, self: unknown, args: unknown[]): unknown => {
    if (watched.settled) return Reflect.apply(method, self, args)
    outcome.asked()
    try {
      return context.with(outcome.context, method, self, ...args)
    } catch (error) {
      watched.rejected(error)
      throw error
    }
  }

  if (!replaceMethod(thenable, 'then', then, found.own)) return false
  // A lazy thenable may have these lead past its `then`.
  for (const key of ['catch', 'finally'] as const) {
    const shortcut = findMethod(thenable, key)
    if (shortcut === undefined || shortcut.method === Promise.prototype[key]) continue
    const replacement = function (this: unknown, ...args: unknown[]): unknown {
      const outer = context.active()
      const [callback] = args
      if (args.length !== 1 || !isMethod(callback)) {
        return follow(ask(shortcut.method, this, args), watched)
      }
      const heard = (...given: unknown[]) => {
        if (key === 'catch') watched.rejected(given[0])
        return context.with(outer, callback, undefined, ...given)
      }
      return follow(ask(shortcut.method, this, [heard]), watched)
    }
    replaceMethod(thenable, key, replacement, shortcut.own)
  }
  if (chains) {
    watchApiPromise(thenable, {
      ask,
      follow: (returned) => follow(returned, watched),
      followUnread: (returned) => follow(returned, unread(watched)),
    })
  }
  return true
}

/** The same outcome, of a value that is the caller's alone. */
function unread(outcome: Outcome): Outcome {
  return {
    context: outcome.context,
    asked: () => outcome.asked(),
    resolved(value) {
      outcome.resolved(NOTHING)
      return value
    },
    rejected: (error) => outcome.rejected(error),
  }
}

/** Follows whatever a thenable's method returned, if it can be followed. */
function follow(returned: unknown, outcome: Outcome): unknown {
  if (typeof returned !== 'object' || returned === null) return returned
  if (isNativePromise(returned)) return followPromise(returned, outcome.resolved, outcome.rejected)
  const found = findMethod(returned, 'then')
  if (found !== undefined) watchThenable(returned, found, outcome)
  return returned
}

/** The first outcome counts; whoever asks again for the same value gets the same replacement. */
function once(outcome: Outcome): Outcome & { readonly settled: boolean } {
  let settled = false
  let replaced: { from: unknown; to: unknown } | undefined
  return {
    context: outcome.context,
    asked: () => outcome.asked(),
    get settled() {
      return settled
    },
    resolved(value) {
      if (settled) return replaced !== undefined && replaced.from === value ? replaced.to : value
      settled = true
      const given = outcome.resolved(value)
      if (given !== value) replaced = { from: value, to: given }
      return given
    },
    rejected(error) {
      if (settled) return
      settled = true
      outcome.rejected(error)
    },
  }
}

function isMethod(value: unknown): value is Method {
  return typeof value === 'function'
}
