import { instrumented } from './instrumented.ts'

/** Says, once an object, that it cannot be observed. */
export function warnFrozen(object: object, what: string): void {
  if (instrumented.warned.has(object)) return
  instrumented.warned.add(object)
  process.emitWarning(
    `${what} is frozen or sealed, so spancast leaves it alone. Observe it before it is frozen.`,
    { type: 'SpancastWarning', code: 'SPANCAST_FROZEN_AGENT' },
  )
}
