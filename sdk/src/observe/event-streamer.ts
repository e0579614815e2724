import { activeRegistry } from '../context/active-registry.ts'
import type { AgentEvent, CustomEvent } from '../event/agent-event.ts'
import { capNamespace } from '../event/cap.ts'
import type { AgentObserver } from '../observer/agent-observer.ts'
import type { Entry } from '../observer/entry.ts'
import { callbackFailed } from '../observer/isolate.ts'
import { ObserverRegistry } from '../observer/observer-registry.ts'
import { assertNamespace } from './call-spec.ts'
import { currentObserver, emitIn } from './emit.ts'

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
// Longer names may be cut on their way.
const COMPARED = 64

/** An event on its way through a run. */
interface Sent {
  readonly observer: AgentObserver
  readonly namespace: string
  readonly type: string
  readonly content: unknown
}

/**
 * Events by namespace, across all runs of this process: whoever emits need not know whether anybody listens, and
 * runs the same code either way.
 */
export class EventStreamer {
  readonly #subscribers = new Map<string, ReadonlySet<StreamSubscriber>>()
  #unlisten: (() => void) | undefined
  #listening: ObserverRegistry | undefined
  /** What was emitted here into a run, and has not come back as that run's event yet. */
  #sent: Sent[] = []

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
    const { type, content } = event
    const observer = this.#subscribers.size === 0 ? undefined : this.#followed(currentObserver())
    if (observer === undefined) {
      emitIn(namespace, type, content)
      if (this.#subscribers.size > 0) this.#tell(namespace, type, content, undefined)
      return
    }
    // It comes back in its place among the run's events, perhaps only after those that are being told now.
    this.#sent.push({ observer, namespace: capNamespace(namespace), type, content })
    emitIn(namespace, type, content)
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
    this.#unlisten = registry.listen({
      appended: (observer, entry) => this.#appended(observer, entry),
    })
  }

  #stopListening(): void {
    this.#unlisten?.()
    this.#unlisten = undefined
    this.#listening = undefined
    this.#sent = []
  }

  /** The observer, if its next events will be told here. */
  #followed(observer: AgentObserver | undefined): AgentObserver | undefined {
    if (observer === undefined || observer.ended || observer.disposed) return undefined
    return this.#listening?.get(observer.randomId) === observer ? observer : undefined
  }

  #appended(observer: AgentObserver, entry: Entry): void {
    const { event } = entry
    const sent = event.type === 'agent.event' ? this.#takeSent(observer, event) : undefined
    if (sent !== undefined) this.#tell(sent.namespace, sent.type, sent.content, event)
    else if (event.namespace !== undefined) {
      const type = event.type === 'agent.event' ? event.name : event.type
      this.#tell(event.namespace, type, contentOf(event), event)
    }
  }

  /** What was emitted here as this event. Others may have emitted before it, in the same run. */
  #takeSent(observer: AgentObserver, event: CustomEvent): Sent | undefined {
    const at = this.#sent.findIndex(
      (sent) =>
        sent.observer === observer &&
        sent.namespace === event.namespace &&
        sent.type.slice(0, COMPARED) === event.name.slice(0, COMPARED),
    )
    return at < 0 ? undefined : this.#sent.splice(at, 1)[0]
  }

  #tell(namespace: string, type: string, content: unknown, event: AgentEvent | undefined): void {
    const told = { type, content, namespace, ...(event !== undefined && { event }) }
    for (const key of [namespace, ALL]) {
      for (const subscriber of this.#subscribers.get(key) ?? []) {
        try {
          subscriber(told)
        } catch (error) {
          callbackFailed('subscriber of a namespace', error)
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
