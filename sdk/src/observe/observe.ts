import { type Context, context, type Span, type Tracer, trace } from '@opentelemetry/api'
import { clearHandoff, handoff, NOTHING } from '../context/handoff.ts'
import { observationOf } from '../context/observation-context.ts'
import { SpancastError } from '../errors.ts'
import { type AgentObjectOptions, instrumentAgent } from './agent-object.ts'
import { leaveAgent } from './agent-scope.ts'
import { type CallSpec, callSpec, type ObserveOptions, optionsInRun } from './call-spec.ts'
import { captureOnSpan } from './captured-content.ts'
import { endSpan, failSpan, ObservedCall } from './observed-call.ts'
import { settle } from './settle.ts'
import { currentTracer } from './tracer.ts'

// biome-ignore lint/suspicious/noExplicitAny: the one type that every function is assignable to
type AnyFunction = (...args: any[]) => unknown

const OBSERVED = Symbol.for('spancast.observed.v1')

/**
 * Wraps a function: each call becomes a span, and with it live events, and is otherwise as it was: same type,
 * `this`, name, length, own properties, result, error. Promises, generators, async iterables and streams keep the
 * span open until they have ended. Telemetry that fails never reaches the caller.
 *
 * @returns the wrapper; for a function that is one already, that function.
 * @throws SpancastError `invalid-option` for an option that is not as described.
 */
export function observe<F extends AnyFunction>(fn: F, options?: ObserveOptions): F
/**
 * Instruments an existing agent in place, once: its `run`, `invoke`, `generate`, `stream` and `call` methods become
 * nodes and its tools tools. A frozen one is left alone, said once.
 *
 * @returns the same object.
 * @throws SpancastError `invalid-option` for a method that the agent does not have.
 */
export function observe<A extends object>(agent: A, options?: AgentObjectOptions): A
export function observe(
  target: AnyFunction | object,
  options: ObserveOptions & AgentObjectOptions = {},
): AnyFunction | object {
  if (typeof target === 'function') {
    return OBSERVED in target ? target : wrap(target as AnyFunction, options, true)
  }
  if (typeof target !== 'object' || target === null) {
    throw new SpancastError(
      'invalid-option',
      `Expected a function or an agent object, got ${target === null ? 'null' : typeof target}.`,
    )
  }
  return instrumentAgent(target, options, (fn, named) =>
    OBSERVED in fn ? fn : wrap(fn, named, false),
  )
}

/** @param leavesAgent - Whether a call is a place of its own, from which an agent's method opens a new node. */
function wrap<F extends AnyFunction>(fn: F, options: ObserveOptions, leavesAgent: boolean): F {
  const spec = callSpec(fn.name, options)
  const wrapper = function (this: unknown, ...args: unknown[]): unknown {
    if (new.target !== undefined)
      return Reflect.construct(fn, args, derivedFrom(new.target, wrapper, fn))
    const tracer = currentTracer()
    if (tracer === undefined) return fn.apply(this, args)
    return callObserved(tracer, spec, fn, this, args, leavesAgent)
  }
  return disguise(wrapper, fn) as F
}

function callObserved(
  tracer: Tracer,
  spec: CallSpec,
  fn: AnyFunction,
  self: unknown,
  args: unknown[],
  leavesAgent: boolean,
): unknown {
  const active = context.active()
  const parent = leavesAgent ? leaveAgent(active) : active
  const span = openSpan(tracer, spec, parent, args)
  if (span === undefined) return fn.apply(self, args)
  const inside = trace.setSpan(parent, span)
  let result: unknown
  try {
    result = context.with(inside, fn, self as never, ...args)
  } catch (error) {
    failSpan(span, error)
    throw error
  }
  if ((typeof result !== 'object' && typeof result !== 'function') || result === null) {
    endSpan(span, spec, result)
    return result
  }
  return settle(result, new ObservedCall(span, inside, spec))
}

/** The span of a call, its arguments handed to whoever captures them; `undefined` if telemetry fails. */
function openSpan(
  tracer: Tracer,
  spec: CallSpec,
  parent: Context,
  args: unknown[],
): Span | undefined {
  try {
    const observation = observationOf(parent)
    const options =
      observation === undefined ? spec.options : optionsInRun(spec, observation.randomId)
    if (!spec.captureInput) return tracer.startSpan(spec.spanName, options, parent)
    const input = args.length === 1 ? args[0] : args.length === 0 ? NOTHING : args
    if (handoff.takers > 0) {
      handoff.spanName = spec.spanName
      handoff.input = input
    }
    const span = tracer.startSpan(spec.spanName, options, parent)
    if (input !== NOTHING) captureOnSpan(span, spec.inputKey, 'input', input)
    return span
  } catch {
    // A processor or sampler that throws: the function runs without a span.
    return undefined
  } finally {
    if (handoff.spanName !== undefined) clearHandoff()
  }
}

/** Gives the wrapper everything of the function but its behaviour. */
function disguise(wrapper: AnyFunction, fn: AnyFunction): AnyFunction {
  Object.setPrototypeOf(wrapper, Object.getPrototypeOf(fn))
  for (const key of Reflect.ownKeys(fn)) {
    const descriptor = Object.getOwnPropertyDescriptor(fn, key)
    const own = Object.getOwnPropertyDescriptor(wrapper, key)
    if (descriptor === undefined) continue
    if (own === undefined || own.configurable === true)
      Object.defineProperty(wrapper, key, descriptor)
    else if (own.writable === true && 'value' in descriptor) {
      Object.defineProperty(wrapper, key, { value: descriptor.value })
    }
  }
  Object.defineProperty(wrapper, OBSERVED, { value: true })
  return wrapper
}

/** A class that was wrapped is constructed as itself; a class derived from the wrapper as that class. */
function derivedFrom(target: object, wrapper: object, fn: AnyFunction): AnyFunction {
  return (target === wrapper ? fn : target) as AnyFunction
}
