import { context } from '@opentelemetry/api'
import { leaveAgent } from './agent-scope.ts'
import { findMethod, replaceMethod } from './method.ts'
import type { CallProgress } from './progress.ts'
import { Streamed } from './streamed.ts'

/** Whether it is a Node stream that reads, of Node's own or of a package. */
export function isNodeStream(object: object): boolean {
  return (
    findMethod(object, 'pipe') !== undefined &&
    findMethod(object, 'on') !== undefined &&
    findMethod(object, 'read') !== undefined
  )
}

/** Whether a stream still has something to give: not the writing half alone, not ended, not destroyed. */
export function isReadable(stream: object): boolean {
  return (stream as { readable?: unknown }).readable !== false
}

/**
 * Watches a Node stream through an `emit` of its own. No listener is added: one for `data` would start the
 * stream, one for `error` would hide that nobody handles it. What the stream does to read runs in the call's
 * context, its listeners in the caller's.
 *
 * @returns `false` if the object cannot be watched; then nothing has changed.
 */
export function watchNodeStream(stream: object, call: CallProgress): boolean {
  const emits = findMethod(stream, 'emit')
  if (emits === undefined) return false
  const outer = leaveAgent(context.active())
  const streamed = new Streamed(call, true)

  function emit(this: unknown, ...args: unknown[]): unknown {
    if (!streamed.ended) note(args[0], args[1], streamed)
    return context.active() === call.context
      ? context.with(outer, emitted, this, ...args)
      : Reflect.apply(emitted, this, args)
  }
  const emitted = emits.method
  if (!replaceMethod(stream, 'emit', emit, emits.own)) return false

  const reads = findMethod(stream, '_read')
  if (reads !== undefined) {
    const read = function (this: unknown, ...args: unknown[]): unknown {
      return context.with(call.context, reads.method, this, ...args)
    }
    replaceMethod(stream, '_read', read, reads.own)
  }
  return true
}

function note(event: unknown, argument: unknown, streamed: Streamed): void {
  switch (event) {
    case 'data':
      streamed.chunk(argument)
      break
    case 'error':
      if (isAbort(argument)) streamed.end()
      else streamed.fail(argument)
      break
    case 'end':
    // Closed before its end: whoever read it has left.
    case 'close':
      streamed.end()
  }
}

/** What a stream is destroyed with when `for await` is left or its signal fires. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 'ABORT_ERR'
}
