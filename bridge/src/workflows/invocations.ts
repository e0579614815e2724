import { createRandomId, observeRun } from '@spancast/sdk'
import { BridgeError } from '../errors.ts'
import { quoted } from '../problem.ts'
import { collected } from './collected.ts'
import type { Registered } from './workflow.ts'

export interface InvocationsOptions {
  readonly workflows: ReadonlyMap<string, Registered>
  /** Invocations at once. */
  readonly maxInvokes: number
  /** Keeps an id among all bridges. @returns the function that gives it back; `undefined` if it is taken. */
  reserve(randomId: string, cancel: () => void): Promise<(() => void) | undefined>
}

export interface InvokeRequest {
  readonly workflow: string
  readonly input: unknown
  /** Default: 128 random bits. */
  readonly randomId?: string | undefined
}

/** A place that is kept for a run. */
export interface Invocation {
  readonly randomId: string
  /** Fires when the run is cancelled. */
  readonly signal: AbortSignal
  /** Runs the workflow, once. Settles with what it returned, streams consumed, or with what it threw. */
  run(): Promise<unknown>
}

const RETRY_SECONDS = 5

/** The workflows that run because somebody asked this bridge for it. */
export class Invocations {
  readonly #options: InvocationsOptions
  readonly #running = new Map<string, AbortController>()
  #idle: (() => void) | undefined
  #closing = false
  #succeeded = 0
  #failed = 0

  constructor(options: InvocationsOptions) {
    this.#options = options
  }

  /** Invocations that run now, and how those came out that are over. */
  get counts(): { readonly running: number; readonly succeeded: number; readonly failed: number } {
    return { running: this.#running.size, succeeded: this.#succeeded, failed: this.#failed }
  }

  /**
   * Keeps a place for a run. Nothing runs, and nothing is recorded, until it is told to.
   *
   * @throws BridgeError `closing`, `workflow-not-found`, `too-many-invokes` or `run-exists`.
   */
  async reserve({ workflow: name, input, randomId }: InvokeRequest): Promise<Invocation> {
    const { workflows, maxInvokes } = this.#options
    if (this.#closing) throw closing()
    const workflow = workflows.get(name)
    if (workflow === undefined) throw unknownWorkflow(name, workflows)
    const id = randomId ?? createRandomId()
    if (this.#running.has(id)) throw taken(id)
    if (this.#running.size >= maxInvokes) throw tooMany(maxInvokes)
    const controller = new AbortController()
    // Before the store is asked, so that two requests for one id cannot both pass.
    this.#running.set(id, controller)
    let giveBack: (() => void) | undefined
    try {
      giveBack = await this.#options.reserve(id, () => controller.abort())
      if (giveBack === undefined) throw taken(id)
      if (this.#closing) throw closing()
    } catch (error) {
      giveBack?.()
      this.#release(id)
      throw error
    }
    const { signal } = controller
    const run = (): Promise<unknown> => this.#run(workflow, input, id, signal).finally(giveBack)
    return { randomId: id, signal, run }
  }

  /** Fires the signal of a run. @returns whether it runs here. */
  cancel(randomId: string): boolean {
    const controller = this.#running.get(randomId)
    controller?.abort()
    return controller !== undefined
  }

  /** Takes no more, fires the signal of all that run and waits for them, at most `waitMs`. */
  async close(waitMs: number): Promise<void> {
    this.#closing = true
    if (this.#running.size === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, waitMs)
      timer.unref()
      this.#idle = () => {
        clearTimeout(timer)
        resolve()
      }
      for (const controller of this.#running.values()) controller.abort()
    })
  }

  async #run(
    workflow: Registered,
    input: unknown,
    randomId: string,
    signal: AbortSignal,
  ): Promise<unknown> {
    try {
      // A server that was started inside a run hands that run's context to its requests.
      const options = { name: workflow.name, randomId, input, signal, newRun: true }
      const { result } = await observeRun(options, (run) => workflow.run(input, run))
      const value = await collected(result)
      this.#succeeded++
      return value
    } catch (error) {
      this.#failed++
      throw error
    } finally {
      this.#release(randomId)
    }
  }

  #release(randomId: string): void {
    this.#running.delete(randomId)
    if (this.#running.size === 0) this.#idle?.()
  }
}

function closing(): BridgeError {
  return new BridgeError('closing', 'The bridge is closing and starts nothing any more.', {
    retryAfterSeconds: RETRY_SECONDS,
  })
}

function unknownWorkflow(name: string, known: ReadonlyMap<string, unknown>): BridgeError {
  const workflows = [...known.keys()]
  const list = workflows.length === 0 ? 'none is registered' : workflows.join(', ')
  const detail = `Expected \`workflow\` to be one of those registered (${list}), got ${quoted(name)}.`
  return new BridgeError('workflow-not-found', detail, { extra: { workflows } })
}

function taken(randomId: string): BridgeError {
  const detail = `Expected a \`randomId\` that is not taken, got ${randomId}. Without one the bridge makes one.`
  return new BridgeError('run-exists', detail, { extra: { randomId } })
}

function tooMany(maxInvokes: number): BridgeError {
  const detail = `Expected at most ${maxInvokes} workflows at once (\`maxInvokes\`), and all of them run.`
  return new BridgeError('too-many-invokes', detail, { retryAfterSeconds: RETRY_SECONDS })
}
