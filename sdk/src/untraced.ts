import { AsyncResource } from 'node:async_hooks'
import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api'

// The key of `suppressTracing` in @opentelemetry/core: createContextKey is Symbol.for, so it is the same one.
const SUPPRESS_TRACING = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING')

/**
 * A place outside of what the application does, where no span is recorded: sockets and timers that are opened here
 * hold no user's context, and telemetry does not observe itself.
 */
export class Untraced {
  readonly #resource = new AsyncResource('SpancastUntraced')

  run(fn: () => void): void {
    this.#resource.runInAsyncScope(() => {
      context.with(ROOT_CONTEXT.setValue(SUPPRESS_TRACING, true), fn)
    })
  }
}
