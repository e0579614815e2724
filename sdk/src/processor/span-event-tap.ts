import type { AttributeValue, HrTime, TimeInput } from '@opentelemetry/api'
import { handoff } from '../context/handoff.ts'
import type { SpanRecord } from '../run/span-record.ts'
import { msOf, type OtelSpan } from './otel-span.ts'

type AddEvent = OtelSpan['addEvent']
type Attributes = Readonly<Record<string, AttributeValue | undefined>>

/**
 * Makes what is added to spans as events live at that moment, which OpenTelemetry tells no processor: `addEvent` of
 * these very spans is wrapped, until they end. Exceptions are told by the span's end, and what `emit` adds was told.
 */
export class SpanEventTap {
  readonly #taps = new WeakMap<OtelSpan, AddEvent>()

  /** @param recordOf - Where the span's events go when one is added; `undefined` while nobody has recognised it. */
  attach(span: OtelSpan, recordOf: () => SpanRecord | undefined): void {
    if (this.#taps.has(span)) return
    const { addEvent } = span
    const tapped: AddEvent = function (this: OtelSpan, ...args) {
      const isLive = span.isRecording()
      const result = addEvent.apply(this, args)
      if (isLive && !handoff.eventIsTold) tell(recordOf, args)
      return result
    }
    span.addEvent = tapped
    this.#taps.set(span, tapped)
  }

  /** Leaves the span as it was. */
  detach(span: OtelSpan): void {
    const tapped = this.#taps.get(span)
    if (tapped === undefined) return
    this.#taps.delete(span)
    // Somebody may have wrapped it once more.
    if (span.addEvent === tapped) Reflect.deleteProperty(span, 'addEvent')
  }
}

function tell(recordOf: () => SpanRecord | undefined, args: Parameters<AddEvent>): void {
  const [name, second, third] = args
  // `recordException` adds one of that name.
  if (typeof name !== 'string' || name === 'exception') return
  try {
    const hasAttributes = second !== undefined && second !== null && !isTime(second)
    const content: Attributes | null = hasAttributes ? second : null
    recordOf()?.event(name, content, undefined, timeOf(hasAttributes ? third : second))
  } catch {
    // Telemetry is not the caller's business.
  }
}

function isTime(value: Attributes | TimeInput): value is TimeInput {
  return typeof value === 'number' || value instanceof Date || Array.isArray(value)
}

/** Milliseconds since the Unix epoch; `undefined` for now. */
function timeOf(time: Attributes | TimeInput | undefined): number | undefined {
  if (time instanceof Date) return time.getTime()
  if (Array.isArray(time)) return isHrTime(time) ? msOf(time) : undefined
  if (typeof time !== 'number' || !Number.isFinite(time)) return undefined
  // OpenTelemetry takes the clock of `performance.now()` too.
  return time <= performance.now() ? time + performance.timeOrigin : time
}

function isHrTime(time: readonly unknown[]): time is HrTime {
  return time.length === 2 && time.every((part) => typeof part === 'number')
}
