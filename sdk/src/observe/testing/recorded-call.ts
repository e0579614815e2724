import { type Context, context, createContextKey } from '@opentelemetry/api'
import { NOTHING } from '../../context/handoff.ts'
import type { CallProgress } from '../progress.ts'

const INSIDE = createContextKey('spancast.test.inside')

/** A call that keeps what it is told, as lines: `chunk "a"`, `end "ab"`, `fail boom`, `drop`. */
export interface RecordedCall extends CallProgress {
  readonly told: readonly string[]
  /** Resolves at the first `end`, `fail` or `drop`. */
  readonly ended: Promise<void>
}

export function recordCall(): RecordedCall {
  const told: string[] = []
  const { promise, resolve } = withResolvers()
  const tell = (line: string, last: boolean) => {
    told.push(line)
    if (last) resolve()
  }
  return {
    context: context.active().setValue(INSIDE, true),
    told,
    ended: promise,
    startClock() {},
    chunk: (delta) => tell(`chunk ${show(delta)}`, false),
    end: (output) => tell(output === NOTHING ? 'end' : `end ${show(output)}`, true),
    fail: (error) => tell(`fail ${error instanceof Error ? error.message : String(error)}`, true),
    drop: () => tell('drop', true),
  }
}

/** Whether `of`, by default the current context, is the one of a recorded call. */
export function isInside(of: Context = context.active()): boolean {
  return of.getValue(INSIDE) === true
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

function show(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value)
  } catch {
    return '(unreadable)'
  }
}
