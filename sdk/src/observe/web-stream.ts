import { NOTHING } from '../context/handoff.ts'
import type { CallProgress } from './progress.ts'
import { WebStreamRelay } from './web-stream-relay.ts'

/** Symbol of Node's streams for "has been read from or cancelled", which the web standard keeps to itself. */
const DISTURBED = Symbol.for('nodejs.stream.disturbed')

const watched = new WeakMap<ReadableStream, ReadableStream>()

/** Whether it is a web stream itself, not an instance of a subclass, whose own members a new stream would lack. */
export function isWebStream(object: object): object is ReadableStream {
  return (
    typeof ReadableStream === 'function' &&
    Reflect.getPrototypeOf(object) === ReadableStream.prototype
  )
}

/**
 * The stream to hand on in place of `source`, of the same kind. It pulls from `source` when it is itself read,
 * and closes, fails and is cancelled with it. A stream that is handed out twice is replaced by the same one.
 *
 * @returns `undefined` if there is nothing to watch: somebody has already begun to read.
 */
export function watchWebStream(
  source: ReadableStream,
  call: CallProgress,
): ReadableStream | undefined {
  const begun = source.locked || (source as { [DISTURBED]?: unknown })[DISTURBED] === true
  if (begun) {
    const known = watched.get(source)
    if (known !== undefined) call.end(NOTHING)
    return known
  }
  const ofBytes = isByteStream(source)
  const relay = new WebStreamRelay(source, call)
  const replacement = ofBytes
    ? new ReadableStream(
        {
          type: 'bytes',
          start: (controller) => relay.start(controller),
          pull: (controller) => relay.pullBytes(controller),
          cancel: (reason) => relay.cancel(reason),
        },
        { highWaterMark: 0 },
      )
    : new ReadableStream(
        {
          start: (controller) => relay.start(controller),
          pull: (controller) => relay.pull(controller),
          cancel: (reason) => relay.cancel(reason),
        },
        { highWaterMark: 0 },
      )
  watched.set(source, replacement)
  return replacement
}

function isByteStream(source: ReadableStream): boolean {
  try {
    source.getReader({ mode: 'byob' }).releaseLock()
    return true
  } catch {
    return false
  }
}
