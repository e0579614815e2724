import {
  type Context,
  context,
  createContextKey,
  propagation,
  ROOT_CONTEXT,
} from '@opentelemetry/api'
import { RUN_ID } from '../attributes.ts'
import type { ErrorInfo } from '../event/agent-event.ts'
import { errorInfo, publishError } from '../event/error-info.ts'
import type { AgentObserver } from '../observer/agent-observer.ts'
import { contentRules } from './content-rules.ts'
import { LayeredContext } from './layered-context.ts'

/** Which run the current code belongs to, and where its events go. Lives in the OpenTelemetry context. */
export interface ObservationContext {
  readonly randomId: string
  readonly observer: AgentObserver
}

// createContextKey uses Symbol.for, so all copies of the SDK share it.
const KEY = createContextKey('spancast.observation.v1')
const PLAIN = ROOT_CONTEXT.constructor

/** The observation context of the current code, or `undefined` outside any. */
export function getObservationContext(): ObservationContext | undefined {
  return observationOf(context.active())
}

/** The observation context that `of` carries, or `undefined`. */
export function observationOf(of: Context): ObservationContext | undefined {
  // Asked for every span: a context of the API's own class holds none, and to look for it there takes longer.
  if (of.constructor === PLAIN) return undefined
  return of.getValue(KEY) as ObservationContext | undefined
}

/** `of` with the observation in it, and with its `randomId` in the W3C baggage for other processes. */
export function contextWithObservation(of: Context, observation: ObservationContext): Context {
  const baggage = propagation.getBaggage(of) ?? propagation.createBaggage()
  const withBaggage = propagation.setBaggage(
    of,
    baggage.setEntry(RUN_ID, { value: observation.randomId }),
  )
  return new LayeredContext(withBaggage, KEY, observation)
}

/** The run id that arrived by baggage, as it came: not validated, not to be trusted. */
export function inboundRunId(of: Context): string | undefined {
  return propagation.getBaggage(of)?.getEntry(RUN_ID)?.value
}

/**
 * Runs `fn` so that everything below it, across `await`s, is observed by `observation.observer`. The run is held
 * open until `fn` has settled. What `fn` returns or throws passes through unchanged.
 */
export function withObservationContext<T>(observation: ObservationContext, fn: () => T): T {
  const release = observation.observer.life.hold()
  let result: T
  try {
    result = context.with(contextWithObservation(context.active(), observation), fn)
  } catch (error) {
    release(shown(error))
    throw error
  }
  if (!isPromise(result)) {
    release()
    return result
  }
  // The derived promise, not the caller's own: a handler on theirs would mark its rejection as handled.
  return result.then(
    (value: unknown) => {
      release()
      return value
    },
    (error: unknown) => {
      release(shown(error))
      throw error
    },
  ) as T
}

/** What the live stream may show of an error. */
function shown(error: unknown): ErrorInfo {
  return publishError(errorInfo(error), contentRules().live)
}

function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise
}
