/** What can be looked at and listened to. */
export interface Source<S> {
  readonly getSnapshot: () => S
  readonly subscribe: (fn: () => void) => () => void
  readonly close: () => void
  readonly retry: () => void
}

export interface ViewOptions<S> {
  /** Gives the source. Called when somebody listens, never while a component renders. */
  readonly open: () => Source<S>
  /** What is shown before. */
  readonly initial: S
  /** How long a change may wait for others, in milliseconds. */
  readonly throttleMs: number
  /** Whether a state is to be shown at once. */
  readonly isFinal: (state: S) => boolean
  /** Called with every state, as it comes. */
  readonly onState?: (state: S) => void
}

/** A source as a component sees it: not more often than it can show. */
export class ThrottledView<S> implements Source<S> {
  readonly #options: ViewOptions<S>
  #source: Source<S> | undefined
  #shown: S

  constructor(options: ViewOptions<S>) {
    this.#options = options
    this.#shown = options.initial
  }

  readonly getSnapshot = (): S => this.#shown

  readonly subscribe = (notify: () => void): (() => void) => {
    const { open, throttleMs, isFinal, onState } = this.#options
    const source = open()
    this.#source = source
    let timer: ReturnType<typeof setTimeout> | undefined
    const show = (): void => {
      clearTimeout(timer)
      timer = undefined
      const state = source.getSnapshot()
      if (state === this.#shown) return
      this.#shown = state
      notify()
    }
    const changed = (): void => {
      const state = source.getSnapshot()
      onState?.(state)
      // The last words come together with the end.
      if (throttleMs <= 0 || isFinal(state)) show()
      else timer ??= setTimeout(show, throttleMs)
    }
    const stop = source.subscribe(changed)
    onState?.(source.getSnapshot())
    show()
    return () => {
      clearTimeout(timer)
      stop()
    }
  }

  readonly close = (): void => this.#source?.close()

  readonly retry = (): void => this.#source?.retry()
}
