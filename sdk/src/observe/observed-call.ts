import type { Context, Span } from '@opentelemetry/api'
import { ABANDONED, CHUNK_COUNT, RUN_CANCELLED, TIME_TO_FIRST_CHUNK } from '../attributes.ts'
import { clearHandoff, handoff, NOTHING } from '../context/handoff.ts'
import { linkOf } from '../context/span-link.ts'
import type { ChunkKind } from '../event/agent-event.ts'
import type { CallSpec } from './call-spec.ts'
import { captureOnSpan } from './captured-content.ts'
import { recordFailure } from './failure.ts'

/**
 * One call that is under way: its span, and the context that its work runs in. `settle` tells it how the call
 * goes on. Ends once; whatever is told later is ignored. No method throws.
 */
export class ObservedCall {
  /** The context with the span in it: what belongs to the call runs in here. */
  readonly context: Context
  readonly #span: Span
  readonly #spec: CallSpec
  readonly #signal: AbortSignal | undefined
  #startedMs = 0
  #chunks = 0
  #firstChunkMs = 0
  #ended = false

  /** @param signal - A call that fails after it has fired was cancelled. */
  constructor(span: Span, context: Context, spec: CallSpec, signal?: AbortSignal) {
    this.#span = span
    this.context = context
    this.#spec = spec
    this.#signal = signal
  }

  /** Times are kept only for calls that stream; plain ones have their span's. */
  startClock(): void {
    this.#startedMs = performance.now()
  }

  /** A streamed piece that the caller was just given. */
  chunk(delta: unknown, kind: ChunkKind = typeof delta === 'string' ? 'text' : 'data'): void {
    if (this.#ended) return
    if (this.#chunks++ === 0) this.#firstChunkMs = performance.now()
    if (this.#spec.captureOutput) linkOf(this.#span)?.chunk(delta, kind)
  }

  /** The call came to its end with `output`; `NOTHING` if it has none. */
  end(output: unknown): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#chunks > 0) this.#stampChunks()
    endSpan(this.#span, this.#spec, output)
  }

  /** The call failed with `error`. */
  fail(error: unknown): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#chunks > 0) this.#stampChunks()
    failSpan(this.#span, error, this.#signal?.aborted)
  }

  /** What the caller was given was dropped before it had ended. */
  drop(): void {
    if (this.#ended) return
    this.#ended = true
    if (this.#chunks > 0) this.#stampChunks()
    dropSpan(this.#span)
  }

  #stampChunks(): void {
    try {
      this.#span.setAttribute(CHUNK_COUNT, this.#chunks)
      if (this.#startedMs > 0) {
        this.#span.setAttribute(TIME_TO_FIRST_CHUNK, (this.#firstChunkMs - this.#startedMs) / 1000)
      }
    } catch {
      // A span that refuses attributes still ends.
    }
  }
}

/** Ends the span of a call that returned `output`; `NOTHING` if there is none to tell. */
export function endSpan(span: Span, spec: CallSpec, output: unknown): void {
  try {
    if (spec.captureOutput && output !== NOTHING && output !== undefined) {
      captureOnSpan(span, spec.outputKey, 'output', output)
      if (handoff.takers > 0) {
        handoff.spanName = spec.spanName
        handoff.output = output
      }
    }
    span.end()
  } catch {
    // A failing processor or exporter is not the caller's business.
  } finally {
    if (handoff.spanName !== undefined) clearHandoff()
  }
}

/** Ends the span of a call that threw `error`: status, exception and `error.type`. */
export function failSpan(span: Span, error: unknown, cancelled = false): void {
  try {
    if (cancelled) span.setAttribute(RUN_CANCELLED, true)
    recordFailure(span, error)
    if (handoff.takers > 0) {
      handoff.spanName = ''
      handoff.error = error
    }
    span.end()
  } catch {
    // As above.
  } finally {
    if (handoff.spanName !== undefined) clearHandoff()
  }
}

function dropSpan(span: Span): void {
  try {
    span.setAttribute(ABANDONED, true)
    span.end()
  } catch {
    // As above.
  }
}
