import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api'
import { observationOf } from '../context/observation-context.ts'
import { activeLink } from '../context/span-link.ts'
import { SpanRecord } from '../run/span-record.ts'

/**
 * A propagator that notes which runs have called other processes: what those tell of the run may come after its end.
 * Calls of models do not count: what answers them tells nothing.
 */
export class CallingPropagator implements TextMapPropagator {
  readonly #inner: TextMapPropagator

  constructor(inner: TextMapPropagator) {
    this.#inner = inner
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    this.#inner.inject(context, carrier, setter)
    const link = activeLink(context)
    if (link instanceof SpanRecord && link.is.role === 'llm') return
    const observer = link?.observer ?? observationOf(context)?.observer
    if (observer !== undefined) observer.life.calledOut = true
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    return this.#inner.extract(context, carrier, getter)
  }

  fields(): string[] {
    return this.#inner.fields()
  }
}
