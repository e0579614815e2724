export type StopSignal = 'SIGINT' | 'SIGTERM'

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM']

/** The wish of whoever runs this process that it ends. */
export interface StopSignals {
  /** Resolves with the first signal. */
  readonly first: Promise<StopSignal>
  /** Leaves signals to Node again. */
  off(): void
}

/** @param force - Called with each further signal: who waits does not want to wait any more. */
export function stopSignals(force: (signal: StopSignal) => void): StopSignals {
  let tell: (signal: StopSignal) => void
  const first = new Promise<StopSignal>((resolve) => {
    tell = resolve
  })
  let told = false
  const heard = (signal: StopSignal): void => {
    if (told) force(signal)
    told = true
    tell(signal)
  }
  for (const signal of SIGNALS) process.on(signal, heard)
  return {
    first,
    off() {
      for (const signal of SIGNALS) process.off(signal, heard)
    },
  }
}
