import { type AgentEvent, initialState, type RunState, reduce } from '@spancast/sdk/client'

/** A run as it stood at any of its moments, put together again from its events. */
export class Replay {
  readonly #whole: RunState
  readonly #events: readonly AgentEvent[]
  #state: RunState
  #taken = 0

  constructor(whole: RunState) {
    this.#whole = whole
    this.#events = whole.log.slice().sort((a, b) => a.timestamp - b.timestamp || a.seq - b.seq)
    this.#state = this.#empty()
  }

  /** @param time - In milliseconds since the Unix epoch. */
  at(time: number): RunState {
    const events = this.#events
    if (this.#taken > 0 && (events[this.#taken - 1]?.timestamp ?? 0) > time) {
      this.#taken = 0
      this.#state = this.#empty()
    }
    for (;;) {
      const event = events[this.#taken]
      if (event === undefined || event.timestamp > time) return this.#state
      this.#state = reduce(this.#state, event)
      this.#taken++
    }
  }

  #empty(): RunState {
    const { run, connection, gaps } = this.#whole
    return { ...initialState(run.randomId), connection, gaps }
  }
}
