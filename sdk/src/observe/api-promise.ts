import { findMethod, type Method, replaceMethod } from './method.ts'

/** How a promise of a client is followed. */
export interface Following {
  /** Calls a method of it as somebody who asks for the result. */
  ask(method: Method, self: unknown, args: unknown[]): unknown
  /** Tells what becomes of the value that a method returned, and gives what the caller is to get. */
  follow(returned: unknown): unknown
  /** The same of an answer whose value nobody reads. */
  followUnread(returned: unknown): unknown
}

/**
 * Watches what leads past the `then` of promises that Stainless generates, such as those of OpenAI's and Anthropic's
 * clients: `withResponse` takes the value by `parse`, `asResponse` leaves it unread.
 */
export function watchApiPromise(promise: object, following: Following): void {
  const parse = findMethod(promise, 'parse')
  const asResponse = findMethod(promise, 'asResponse')
  if (parse === undefined || asResponse === undefined) return
  let parsed = false

  const parseAndTell = function (this: unknown, ...args: unknown[]): unknown {
    parsed = true
    return following.follow(following.ask(parse.method, this, args))
  }
  const respondAndTell = function (this: unknown, ...args: unknown[]): unknown {
    const returned = following.ask(asResponse.method, this, args)
    // `withResponse` asks for both: the answer comes before its value does.
    return parsed ? returned : following.followUnread(returned)
  }
  replaceMethod(promise, 'parse', parseAndTell, parse.own)
  replaceMethod(promise, 'asResponse', respondAndTell, asResponse.own)
}
