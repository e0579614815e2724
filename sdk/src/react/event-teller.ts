import { isOver, type RunFacts, type RunState } from '../client/state/run-state.ts'
import type { AgentEvent } from '../event/agent-event.ts'

interface Listeners {
  readonly onEvent?: ((event: AgentEvent) => void) | undefined
  readonly onEnd?: ((run: RunFacts) => void) | undefined
}

/** Tells the events of a run, each once, and its end, from the states that it goes through. */
export class EventTeller {
  #listeners: Listeners = {}
  #told = { randomId: '', restarts: 0, seq: 0, ended: false }

  /** Who is told from now on: the callbacks of the latest render. */
  listen(listeners: Listeners): void {
    this.#listeners = listeners
  }

  tell({ run, restarts, stale, log }: RunState): void {
    const { randomId, status } = run
    const isOther = this.#told.randomId !== randomId || this.#told.restarts !== restarts
    if (stale) return
    if (isOther) this.#told = { randomId, restarts, seq: 0, ended: false }
    const told = this.#told
    const { onEvent, onEnd } = this.#listeners
    if (onEvent !== undefined)
      for (const event of log.slice(log.indexFrom(told.seq + 1))) onEvent(event)
    told.seq = log.lastKey
    if (told.ended || !isOver(status)) return
    told.ended = true
    onEnd?.(run)
  }
}
