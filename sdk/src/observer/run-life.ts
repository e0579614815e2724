import type { ErrorInfo, RunStatus } from '../event/agent-event.ts'
import { NO_TOTALS, TotalsSum } from '../event/totals.ts'
import type { TokenUsage, Totals } from '../event/usage.ts'
import { isolate } from './isolate.ts'
import type { RunLimits } from './limits.ts'
import type { Watchdog, Watched } from './watchdog.ts'

/** How a run came out, as its root tells it. */
export interface RunOutcome {
  readonly status: RunStatus
  /** When the root ended, in milliseconds since the Unix epoch. */
  readonly timestamp: number
  readonly duration?: number | undefined
  readonly error?: ErrorInfo | undefined
  readonly output?: unknown
  readonly truncated?: readonly string[] | undefined
  /** Totals, where whoever ends the run knows better than what was counted here. */
  readonly totals?: Totals | undefined
}

// Names and trace ids listed in a summary; a run that joins more of them still works.
const MAX_LISTED = 64

/**
 * When a run starts and when it is over: held open by roots (the root span, a function in the run's context) and
 * by open spans. Also what is counted of it; plain fields, since they are touched at every event.
 */
export class RunLife implements Watched {
  name = ''
  status: 'unstarted' | 'running' | RunStatus = 'unstarted'
  /** Whether another process opened the run: this one records a part of it, and does not tell its start and end on. */
  joined = false
  /** Whether its context went out with a call to another process, which may have a part of its own in the run. */
  calledOut = false
  startedAt = 0
  watchedSince = 0
  lastSeenAt: number = Date.now()
  endedAt: number | undefined
  duration: number | undefined
  openSpans = 0
  /** More of the run may come from other processes: it ends by `finish`, or by silence. */
  elsewhere = false
  /** Nobody says when the run is over: it ends by silence. */
  bySilence = false
  /** What is open may never end: its library leaves it open when it fails, and something has failed. */
  doubtful = false
  steps = 0
  errors = 0
  lateEvents = 0
  outcome: RunOutcome | undefined
  readonly #graceMs: number
  readonly #watchdog: Watchdog
  readonly #run: { over(): void }
  #sum: TotalsSum | undefined
  #traceIds: string[] | undefined
  #namespaces: string[] | undefined
  #endings: (() => void)[] | undefined
  #roots = 0
  /** Whether it is told only now what it was: it needs no watching. */
  #wasOver = false
  #graceTimer: ReturnType<typeof setTimeout> | undefined

  /** @param run - Whose `over` is called once, when the run has ended. */
  constructor(limits: RunLimits, watchdog: Watchdog, run: { over(): void }) {
    this.#graceMs = limits.runGraceMs
    this.#watchdog = watchdog
    this.#run = run
  }

  /** Sums over all model calls of the run. */
  get totals(): Totals {
    const given = this.outcome?.totals
    if (given !== undefined) {
      const { tokenUsage, cost, unpricedCalls, unmeteredCalls } = given
      return { tokenUsage, cost, unpricedCalls, unmeteredCalls }
    }
    return this.#sum === undefined ? NO_TOTALS : this.#sum.value()
  }

  get traceIds(): readonly string[] {
    return this.#traceIds ?? []
  }

  get namespaces(): readonly string[] {
    return this.#namespaces ?? []
  }

  /** One more model call. */
  addCall(usage: TokenUsage | null, cost: number | null): void {
    this.#sum ??= new TotalsSum()
    this.#sum.add(usage, cost)
  }

  get running(): boolean {
    return this.status === 'running'
  }

  get ended(): boolean {
    return this.status !== 'running' && this.status !== 'unstarted'
  }

  get silentSince(): number | undefined {
    const busy = !this.elsewhere && !this.doubtful && (this.openSpans > 0 || this.#roots > 0)
    return busy ? undefined : this.lastSeenAt
  }

  /** When the run last gave a sign of life, in milliseconds since the Unix epoch: now, while something is open here. */
  get seenAt(): number {
    return this.running && this.silentSince === undefined ? Date.now() : this.lastSeenAt
  }

  /** It has begun, and what it is will be told when somebody asks. */
  expect(): void {
    const now = Date.now()
    this.status = 'running'
    this.startedAt = now
    this.watchedSince = now
    this.lastSeenAt = now
    this.#watchdog.wake()
  }

  /** What was expected begins to be told. */
  unroll(): void {
    this.#wasOver = this.ended
    this.status = 'unstarted'
    this.endedAt = undefined
    this.duration = undefined
    this.outcome = undefined
  }

  /** @returns whether this call started it. */
  start(name: string, timestamp: number): boolean {
    if (this.status !== 'unstarted') return false
    this.status = 'running'
    this.name = name
    this.startedAt = timestamp
    // What is watched is how long it has been here, whatever its events say of their times.
    this.watchedSince = Date.now()
    this.lastSeenAt = Math.max(timestamp, this.watchedSince)
    if (!this.#wasOver) this.#watchdog.wake()
    return true
  }

  /** Keeps the run open until the returned function is called, with the failure if there was one. */
  hold(): (error?: ErrorInfo) => void {
    this.rootStarted()
    let held = true
    return (error) => {
      if (!held) return
      held = false
      this.rootEnded(error === undefined ? undefined : failure(error))
    }
  }

  rootStarted(): void {
    this.#roots++
    this.#stopGrace()
  }

  /** One root has ended; the first outcome that is told is the run's. */
  rootEnded(outcome?: RunOutcome): void {
    this.outcome ??= outcome
    if (this.#roots > 0) this.#roots--
    this.settle()
  }

  /** Ends the run if nothing holds it any more; else starts the wait for what is open. */
  settle(): void {
    if (this.status !== 'running' || this.elsewhere || this.bySilence || this.#roots > 0) return
    if (this.openSpans === 0) this.#end(this.outcome?.status ?? 'ok')
    else if (this.#graceTimer === undefined) {
      this.#graceTimer = setTimeout(() => this.#graceOver(), this.#graceMs)
      this.#graceTimer.unref?.()
    }
  }

  /** Calls `fn` when the run is about to end, to close what is still open; `first`: ahead of what is there. */
  beforeEnd(fn: () => void, first = false): void {
    this.#endings ??= []
    if (first) this.#endings.unshift(fn)
    else this.#endings.push(fn)
  }

  /** Ends the run now with this outcome. */
  finish(outcome: RunOutcome): void {
    this.outcome = outcome
    if (this.status === 'running') this.#end(outcome.status)
  }

  abandon(): void {
    if (this.status === 'running') this.#end('abandoned')
  }

  /** Lists a trace that the run spans. */
  addTrace(traceId: string): void {
    this.#traceIds = addOnce(this.#traceIds, traceId)
  }

  /** Lists a namespace that the run's events carry. */
  addNamespace(namespace: string): void {
    this.#namespaces = addOnce(this.#namespaces, namespace)
  }

  #graceOver(): void {
    this.#graceTimer = undefined
    if (this.status === 'running' && this.#roots === 0) this.#end(this.outcome?.status ?? 'ok')
  }

  #stopGrace(): void {
    clearTimeout(this.#graceTimer)
    this.#graceTimer = undefined
  }

  #end(status: RunStatus): void {
    this.#stopGrace()
    const endings = this.#endings ?? []
    this.#endings = undefined
    for (const ending of endings) isolate('run ending', ending)
    // An ending that closed the last span has ended the run already.
    if (this.status !== 'running') return
    this.status = status
    this.endedAt = this.outcome?.timestamp ?? Date.now()
    this.duration = this.outcome?.duration ?? Math.max(0, this.endedAt - this.startedAt)
    this.openSpans = 0
    this.#run.over()
  }
}

function addOnce(list: string[] | undefined, value: string): string[] {
  if (list === undefined) return [value]
  // Nearly always the one that came last: no search then.
  const known = list[list.length - 1] === value || list.length >= MAX_LISTED || list.includes(value)
  if (!known) list.push(value)
  return list
}

function failure(error: ErrorInfo): RunOutcome {
  return {
    status: error.type === 'AbortError' ? 'cancelled' : 'error',
    timestamp: Date.now(),
    error,
  }
}
