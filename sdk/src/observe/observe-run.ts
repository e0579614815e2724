import { type Attributes, type Context, context, type Span, trace } from '@opentelemetry/api'
import {
  CONVERSATION_ID,
  INPUT,
  NAMESPACE,
  OPERATION_NAME,
  OUTPUT,
  RUN_ID,
  RUN_NAME,
  RUN_ROOT,
  RUN_TAGS,
  USER_ID,
  WORKFLOW_NAME,
} from '../attributes.ts'
import { activeRegistry } from '../context/active-registry.ts'
import { clearHandoff, handoff, NOTHING } from '../context/handoff.ts'
import {
  contextWithObservation,
  type ObservationContext,
  observationOf,
} from '../context/observation-context.ts'
import { linkOf } from '../context/span-link.ts'
import { ObserverRegistry } from '../observer/observer-registry.ts'
import { assertRandomId, createRandomId } from '../observer/random-id.ts'
import { sayOnce } from '../say-once.ts'
import { assertNamespace, type CallSpec } from './call-spec.ts'
import { captureOnSpan } from './captured-content.ts'
import { ObservedCall } from './observed-call.ts'
import { settle } from './settle.ts'
import { currentTracer } from './tracer.ts'

/** How a run shows, and which one it is. */
export interface ObserveRunOptions {
  /** Default `'run'`. */
  readonly name?: string
  /**
   * The run's id: 8 to 128 of `A-Za-z0-9_-`. Default: 128 random bits. The id of a running run joins it; that of an
   * ended one starts it anew.
   */
  readonly randomId?: string
  /** Label that scopes the run's events: 1 to 128 characters, not `*`. */
  readonly namespace?: string
  /** What the run was asked, for `run.start`. */
  readonly input?: unknown
  readonly conversationId?: string
  readonly userId?: string
  readonly tags?: readonly string[]
  /** More attributes for the run's span. */
  readonly attributes?: Attributes
  /** Inside another run: a run of its own, in place of a part of that one. Default `false`. */
  readonly newRun?: boolean
  /** Fires the `signal` that the function gets. A run that fails after it is `cancelled`. */
  readonly signal?: AbortSignal
}

/** What the observed function is told. */
export interface RunHandle {
  readonly randomId: string
  /** Fires when the run is cancelled; pass it on to what the run does. */
  readonly signal: AbortSignal
}

/**
 * Runs `fn` as one observed run: everything below it belongs to it. Inside a run it joins that run as a workflow.
 * Without a provider it only runs `fn`, and says so once.
 *
 * @returns The run's id, and what `fn` returned; a stream in it keeps the run open until it is consumed.
 * @throws SpancastError `invalid-random-id` or `invalid-option`; else what `fn` throws, as it is.
 */
export async function observeRun<T>(
  options: ObserveRunOptions,
  fn: (run: RunHandle) => T,
): Promise<{ randomId: string; result: Awaited<T> }> {
  if (options.randomId !== undefined) assertRandomId(options.randomId)
  if (options.namespace !== undefined) assertNamespace(options.namespace)
  const signal = options.signal ?? new AbortController().signal
  const active = context.active()
  const outer = options.newRun === true ? undefined : observationOf(active)
  const tracer = currentTracer()
  if (tracer === undefined) {
    sayOnce(
      'SPANCAST_NO_PROVIDER',
      'observeRun found no OpenTelemetry provider, so nothing is observed. Call start() from @spancast/sdk/setup first, or register your own provider with an AgentEventProcessor.',
    )
    const randomId = options.randomId ?? outer?.randomId ?? createRandomId()
    return { randomId, result: await fn({ randomId, signal }) }
  }
  const { observation, joins, fresh } = observationFor(options, outer)
  const { randomId } = observation
  const inside = contextWithObservation(active, observation)
  const spec = runSpec(options, randomId, joins)
  const span = openRunSpan(tracer.startSpan.bind(tracer), spec, inside, options.input)
  if (span === undefined) {
    if (fresh) observation.observer.dispose()
    return { randomId, result: await fn({ randomId, signal }) }
  }
  const release = holdUnrecorded(span, observation, fresh)
  const call = new ObservedCall(span, trace.setSpan(inside, span), spec, signal)
  try {
    const result = await context.with(call.context, fn, undefined, { randomId, signal })
    return { randomId, result: settle(result, call) as Awaited<T> }
  } catch (error) {
    call.fail(error)
    throw error
  } finally {
    release()
  }
}

/**
 * A span that no processor records (sampled out, or no AgentEventProcessor there) holds no run open: we do, for
 * what is emitted in it.
 */
function holdUnrecorded(span: Span, { observer }: ObservationContext, fresh: boolean): () => void {
  if (linkOf(span) !== undefined) return () => {}
  const release = observer.life.hold()
  return () => {
    release()
    if (fresh && observer.life.status === 'unstarted') observer.dispose()
  }
}

interface Observed {
  readonly observation: ObservationContext
  /** Whether the run is going already. */
  readonly joins: boolean
  /** Whether its buffer was made for this very call. */
  readonly fresh: boolean
}

/** The run to be: the one around us, one that is named and still going, or a new one. */
function observationFor(
  options: ObserveRunOptions,
  outer: ObservationContext | undefined,
): Observed {
  if (outer !== undefined && (options.randomId ?? outer.randomId) === outer.randomId) {
    return { observation: outer, joins: outer.observer.life.status === 'running', fresh: false }
  }
  const registry = activeRegistry() ?? ObserverRegistry.getInstance()
  const randomId = options.randomId ?? createRandomId()
  const existing = registry.get(randomId)
  const fresh = existing === undefined || existing.ended
  const observer = fresh ? registry.create(randomId) : existing
  return { observation: { randomId, observer }, joins: observer.life.status === 'running', fresh }
}

function runSpec(options: ObserveRunOptions, randomId: string, joins: boolean): CallSpec {
  const { name = 'run' } = options
  const spanOptions = {
    attributes: {
      ...options.attributes,
      [OPERATION_NAME]: 'invoke_workflow',
      [WORKFLOW_NAME]: name,
      [RUN_ID]: randomId,
      ...(!joins && { [RUN_ROOT]: true, [RUN_NAME]: name }),
      ...(options.namespace !== undefined && { [NAMESPACE]: options.namespace }),
      ...(options.conversationId !== undefined && { [CONVERSATION_ID]: options.conversationId }),
      ...(options.userId !== undefined && { [USER_ID]: options.userId }),
      ...(options.tags !== undefined && { [RUN_TAGS]: [...options.tags] }),
    },
  }
  return {
    spanName: `invoke_workflow ${name}`,
    captureInput: true,
    captureOutput: true,
    inputKey: INPUT,
    outputKey: OUTPUT,
    options: spanOptions,
    runOptions: spanOptions,
    runId: randomId,
  }
}

function openRunSpan(
  startSpan: (name: string, options: CallSpec['options'], parent: Context) => Span,
  spec: CallSpec,
  parent: Context,
  input: unknown,
): Span | undefined {
  try {
    handoff.spanName = spec.spanName
    handoff.input = input === undefined ? NOTHING : input
    const span = startSpan(spec.spanName, spec.options, parent)
    if (input !== undefined) captureOnSpan(span, spec.inputKey, 'input', input)
    return span
  } catch {
    return undefined
  } finally {
    clearHandoff()
  }
}
