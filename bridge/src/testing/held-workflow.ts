import type { WorkflowRun } from '../workflows/workflow.ts'

/** A workflow that goes on until it is let go or cancelled. */
export class HeldWorkflow {
  started = 0
  cancelled = 0
  #release: (() => void) | undefined
  readonly #released: Promise<void> = new Promise((resolve) => {
    this.#release = resolve
  })

  /** Fails with the signal's reason when it fires, as what does I/O would. */
  readonly run = (_input: unknown, { signal }: WorkflowRun): Promise<unknown> => {
    this.started++
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        this.cancelled++
        reject(signal.reason)
      })
      void this.#released.then(() => resolve({ done: true }))
    })
  }

  /** Lets all calls return, those to come too. */
  release(): void {
    this.#release?.()
  }
}
