import { activeRegistry } from '../context/active-registry.ts'
import type { AgentEvent } from '../event/agent-event.ts'
import type { Entry } from '../observer/entry.ts'
import { callbackFailed } from '../observer/isolate.ts'
import { ObserverRegistry } from '../observer/observer-registry.ts'
import { assertNamespace } from './call-spec.ts'
import { emitIn } from './emit.ts'

/** What a subscriber of a namespace gets. */
export interface StreamEvent {
  /** `progress`, `decision_made`, `chunk` ...; for the events that spans make, their own type. */
  readonly type: string
  readonly content: unknown
  readonly namespace: string
  /** The run's event that this is; absent for what was emitted outside any run. */
  readonly event?: AgentEvent
}

export type StreamSubscriber = (event: StreamEvent) => void

const SHARED = Symbol.for('spancast.streamer.v1')
const shared = globalThis as { [SHARED]?: EventStreamer }
const ALL = '*'

/**
 * Events by namespace, across all runs of this process: whoever emits need not know whether anybody listens, and
 * runs the same code either way.
 */
export class EventStreamer {
  readonly #subscribers = new Map<string, ReadonlySet<StreamSubscriber>>()
  #unlisten: (() => void) | undefined
  #listening: ObserverRegistry | undefined
  /** Set while an emit of ours passes through a run, whose event then is ours and not to be told twice. */
  #passing: { event: AgentEvent | undefined } | undefined

  /** The one streamer of this process, shared by all copies of the SDK. */
  static getInstance(): EventStreamer {
    shared[SHARED] ??= new EventStreamer()
    return shared[SHARED]
  }

  /**
   * Tells the namespace's subscribers, and, inside a run, whoever watches that run. With nobody there it costs next
   * to nothing. Never throws.
   */
  emit(namespace: string, event: { readonly type: string; readonly content: unknown }): void {
    const passing = { event: undefined }
    const before = this.#passing
    this.#passing = passing
    try {
      emitIn(namespace, event.type, event.content)
    } finally {
      this.#passing = before
    }
    if (this.#subscribers.size > 0) this.#tell(namespace, event.type, event.content, passing.event)
  }

  /**
   * Calls `fn` with everything of a namespace from now on: what is emitted here, and the events of runs that carry
   * it. `'*'` is every namespace.
   *
   * @returns the function that unsubscribes; calling it twice is harmless.
   * @throws SpancastError `invalid-option` for a namespace that is not 1 to 128 characters.
   */
  subscribe(namespace: string, fn: StreamSubscriber): () => void {
    if (namespace !== ALL) assertNamespace(namespace)
    // A function may subscribe twice; each subscription ends by itself.
    const subscriber: StreamSubscriber = (event) => fn(event)
    this.#subscribers.set(namespace, new Set(this.#subscribers.get(namespace)).add(subscriber))
    this.#listen()
    return () => {
      const left = new Set(this.#subscribers.get(namespace))
      left.delete(subscriber)
      if (left.size > 0) this.#subscribers.set(namespace, left)
      else this.#subscribers.delete(namespace)
      if (this.#subscribers.size === 0) this.#stopListening()
    }
  }

  #listen(): void {
    const registry = activeRegistry() ?? ObserverRegistry.getInstance()
    if (registry === this.#listening) return
    this.#stopListening()
    this.#listening = registry
    this.#unlisten = registry.listen({ appended: (_, entry) => this.#appended(entry) })
  }

  #stopListening(): void {
    this.#unlisten?.()
    this.#unlisten = undefined
    this.#listening = undefined
  }

  #appended(entry: Entry): void {
    const { event } = entry
    if (this.#passing !== undefined && event.type === 'agent.event') {
      this.#passing.event = event
      return
    }
    if (event.namespace === undefined) return
    const type = event.type === 'agent.event' ? event.name : event.type
    this.#tell(event.namespace, type, contentOf(event), event)
  }

  #tell(namespace: string, type: string, content: unknown, event: AgentEvent | undefined): void {
    const told = { type, content, namespace, ...(event !== undefined && { event }) }
    for (const key of [namespace, ALL]) {
      for (const subscriber of this.#subscribers.get(key) ?? []) {
        try {
          subscriber(told)
        } catch (error) {
          callbackFailed('EventStreamer subscriber', error)
        }
      }
    }
  }
}

/** What a run's event is about, for subscribers that want no more. */
function contentOf(event: AgentEvent): unknown {
  switch (event.type) {
    case 'agent.event':
      return event.content
    case 'agent.chunk':
      return event.delta
    case 'agent.start':
    case 'agent.llm.start':
    case 'run.start':
      return event.input
    case 'agent.tool.start':
      return event.args
    case 'agent.tool.end':
      return event.error ?? event.result
    case 'agent.llm.end':
    case 'run.end':
      return event.error ?? event.output
    case 'agent.end':
      return event.output
    case 'agent.error':
      return event.error
    case 'agent.moved':
      return undefined
  }
}
