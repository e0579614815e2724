import type { AgentEvent } from '../event/agent-event.ts'
import type { RunSummary } from '../event/run-summary.ts'
import { contentRules } from '../event/sink-content.ts'
import { Entry, type EventBuilder } from './entry.ts'
import { newEpoch } from './epoch.ts'
import {
  type AgentEventInput,
  assertEvent,
  completeEvent,
  NO_TRACE_ID,
  openingOf,
} from './event-input.ts'
import { EventLog, type Gap, type Kept } from './event-log.ts'
import { Followers } from './followers.ts'
import { type RunLimits, runLimits } from './limits.ts'
import type { ObserverOwner } from './observer-owner.ts'
import { assertRandomId, createRandomId } from './random-id.ts'
import { RunEvents, type RunOpening } from './run-events.ts'
import { RunLife } from './run-life.ts'
import type { RunTally } from './run-tally.ts'
import { summarise } from './summarise.ts'
import type { Unread } from './unread.ts'
import { Watchdog, type Watched } from './watchdog.ts'

/** Follows a run as it is appended to, without building what nobody reads. */
export interface EntryListener {
  /** One more entry. Must not block. */
  appended(entry: Entry): void
  /** The run's buffer is gone; nothing follows. */
  disposed?(): void
}

export interface AgentObserverOptions {
  /** The run's id: 8 to 128 of `A-Za-z0-9_-`. Default: 128 random bits. */
  readonly randomId?: string | undefined
  /** How much is kept, and for how long. */
  readonly limits?: Partial<RunLimits> | undefined
}

// What an event without content takes, roughly: its entry and, once it was read, its text.
const EVENT_BYTES = 400

/**
 * The live record of one run: stamps each event with the next `seq`, keeps the newest in a ring and tells
 * subscribers. It begins with `run.start` and is over with `run.end`; what comes later is only counted.
 */
export class AgentObserver {
  readonly randomId: string
  /** Names this life of the buffer: another observer of the same run has another one. */
  readonly epoch: string = newEpoch()
  /** What the assembler of this run keeps with it. */
  assembled: unknown
  readonly #owner: ObserverOwner | undefined
  readonly #limits: RunLimits
  // Made when they are needed: most runs that others record are let go without anybody having looked.
  #madeLog: EventLog | undefined
  #madeFollowers: Followers | undefined
  readonly #life: RunLife
  #runEvents: RunEvents | undefined
  #unread: Unread | undefined
  #isReading = false
  #disposed = false

  /** @throws SpancastError `invalid-random-id` or `invalid-option`. */
  constructor(options: AgentObserverOptions = {}, owner?: ObserverOwner) {
    const randomId = options.randomId ?? createRandomId()
    assertRandomId(randomId)
    const limits = owner?.limits ?? runLimits(options.limits)
    this.randomId = randomId
    this.#owner = owner
    this.#limits = limits
    const watchdog = owner?.watchdog ?? new Watchdog(limits, () => [this.#life])
    this.#life = new RunLife(limits, watchdog, this)
  }

  /** When the run starts and ends, and its counters: for contexts and assemblers, which drive it. */
  get life(): RunLife {
    if (this.#unread !== undefined) this.read()
    return this.#life
  }

  /** What its watchdog has to know, without reading what nobody has read. */
  get watched(): Watched {
    if (this.#unread === undefined || this.#owner?.followed !== true) return this.#life
    const { running, silentSince, watchedSince } = this.#life
    // Whoever follows all runs hears of its end.
    return { running, silentSince, watchedSince, abandon: () => this.life.abandon() }
  }

  /** The run in figures, without reading what nobody has read. */
  get tally(): RunTally {
    const { status, lateEvents } = this.#life
    const log = this.#madeLog
    const lastSeq = log?.lastSeq ?? 0
    const kept = log?.count(1, lastSeq) ?? 0
    const unread = this.#unread === undefined ? 0 : this.#unread.events + (this.ended ? 1 : 0)
    return { status, lateEvents, events: lastSeq + unread, overwritten: lastSeq - kept }
  }

  get #log(): EventLog {
    this.#madeLog ??= new EventLog(this.#limits)
    return this.#madeLog
  }

  get #followers(): Followers {
    const owner = this.#owner
    this.#madeFollowers ??= new Followers(owner && ((entry) => owner.appended(this, entry)))
    return this.#madeFollowers
  }

  /** The newest event's `seq`; 0 before the first. */
  get lastSeq(): number {
    if (this.#unread !== undefined) this.read()
    return this.#log.lastSeq
  }

  /** Whether the run is over. */
  get ended(): boolean {
    return this.#life.ended
  }

  get disposed(): boolean {
    return this.#disposed
  }

  /** When the run last gave a sign of life, in milliseconds since the Unix epoch: now, while something is open here. */
  get lastSeenAt(): number {
    return this.#life.seenAt
  }

  /** Estimated bytes that the buffer holds. */
  get bytes(): number {
    return (this.#madeLog?.bytes ?? 0) + (this.#unread?.bytes ?? 0)
  }

  /**
   * Leaves to `unread` what the run is made of. It is told when somebody looks: at its events, its summary or its life.
   *
   * @returns the run's life, as it goes on until then.
   */
  postpone(unread: Unread): RunLife {
    this.#unread = unread
    this.#life.expect()
    this.#owner?.grown(this, unread.bytes)
    return this.#life
  }

  /** What it leaves unread has grown by so many bytes. */
  grew(bytes: number): void {
    this.#owner?.grown(this, bytes)
  }

  /** Has told what was postponed, if anything was. To followers of all runs it is no news: it happened before. */
  read(): void {
    const unread = this.#unread
    if (unread === undefined) return
    this.#unread = undefined
    this.#owner?.grown(this, -unread.bytes)
    this.#isReading = true
    try {
      unread.read()
    } finally {
      this.#isReading = false
    }
  }

  /**
   * Appends an event: `seq`, `randomId` and what else is missing are stamped; content is taken as a snapshot,
   * by the content rules of the live stream. `run.end` ends the run.
   *
   * @throws SpancastError `invalid-event` if it is no event.
   */
  emit(event: AgentEventInput): void {
    const rules = contentRules().live
    assertEvent(event)
    if (event.type === 'run.start') {
      this.begin(openingOf(event, event.name, rules, this.randomId))
      return
    }
    if (this.#refusesMore()) return
    this.begin(openingOf(event, event.namespace ?? 'run', rules, this.randomId))
    const complete = completeEvent(event, this.randomId, this.lastSeq + 1, rules)
    if (complete.type === 'run.end') {
      this.life.finish({ ...complete, totals: complete })
      return
    }
    if (complete.namespace !== undefined) this.life.addNamespace(complete.namespace)
    if (complete.traceId !== NO_TRACE_ID) this.life.addTrace(complete.traceId)
    const entry = new Entry(complete.seq, complete.type, EVENT_BYTES, complete)
    this.#append(entry, isTalk(complete), Date.now())
  }

  /**
   * Calls `fn` with each event from now on, in order, as it happens.
   *
   * @returns the function that unsubscribes; calling it twice is harmless.
   */
  subscribe(fn: (event: AgentEvent) => void): () => void {
    return this.listen({ appended: (entry) => fn(entry.event) })
  }

  /**
   * What is still kept of the run, in order.
   *
   * @param since - Only events with a higher `seq`. Default 0: all.
   */
  getEvents(since = 0): AgentEvent[] {
    return this.entries(since).map((entry) => entry.event)
  }

  /** The run at a glance. */
  summary(): RunSummary {
    return summarise(this.life, this)
  }

  /** Ends the buffer: subscribers hear no more, memory is freed. An open run ends as abandoned. */
  dispose(): void {
    if (this.#disposed) return
    // Whoever follows all runs hears of the end of each.
    if (this.#owner?.followed === true) this.read()
    const unread = this.#unread
    if (unread === undefined) this.#life.abandon()
    this.#disposed = true
    const { bytes } = this
    this.#unread = undefined
    unread?.dropped()
    this.#madeLog?.clear()
    this.#madeFollowers?.dismiss()
    this.#owner?.disposed(this, bytes)
  }

  /** Like `subscribe`, with entries whose events are built and serialised only if somebody reads them. */
  listen(listener: EntryListener): () => void {
    return this.#followers.add(listener, this.lastSeq)
  }

  /** Entries above `after`, in order, at most `limit`. */
  entries(after: number, limit?: number): Entry[] {
    if (this.#unread !== undefined) this.read()
    return this.#log.after(after, limit)
  }

  /** How many entries are still kept with `from <= seq <= to`. */
  countEntries(from: number, to: number): number {
    if (this.#unread !== undefined) this.read()
    return this.#log.count(from, to)
  }

  /** What a reader that has seen `after` can no longer get. */
  gapAfter(after: number): Gap | undefined {
    if (this.#unread !== undefined) this.read()
    return this.#log.gapAfter(after)
  }

  /** Where what is kept begins. */
  get kept(): Kept {
    if (this.#unread !== undefined) this.read()
    return this.#log.kept
  }

  /** Starts the run with `run.start`, unless it has started already. */
  begin(opening: RunOpening): void {
    if (this.#disposed || !this.life.start(opening.name, opening.timestamp)) return
    if (opening.traceId !== NO_TRACE_ID) this.life.addTrace(opening.traceId)
    if (opening.namespace !== undefined) this.life.addNamespace(opening.namespace)
    this.#runEvents = new RunEvents(this.randomId, opening, this.life)
    const entry = new Entry(1, 'run.start', EVENT_BYTES, this.#runEvents)
    this.#append(entry, false, opening.timestamp)
  }

  /**
   * Appends an event that is built when somebody reads it.
   *
   * @param bytes - Estimate of the content that it holds.
   * @param timestamp - When it happened, in milliseconds since the Unix epoch.
   * @returns `false` if the run is over: the event is only counted.
   */
  append(
    type: AgentEvent['type'],
    builder: EventBuilder,
    bytes: number,
    talk: boolean,
    timestamp: number,
  ): boolean {
    if (this.#refusesMore()) return false
    const entry = new Entry(this.#log.lastSeq + 1, type, EVENT_BYTES + bytes, builder)
    this.#append(entry, talk, timestamp)
    return true
  }

  /** The run has ended, says its life. */
  over(): void {
    const events = this.#runEvents
    if (events !== undefined) {
      const entry = new Entry(this.lastSeq + 1, 'run.end', EVENT_BYTES, events)
      this.#append(entry, false, this.#life.lastSeenAt)
    }
    this.#owner?.ended(this)
  }

  #refusesMore(): boolean {
    if (!this.life.ended && !this.#disposed) return false
    this.life.lateEvents++
    return true
  }

  #append(entry: Entry, talk: boolean, seenAt: number): void {
    const log = this.#log
    const before = log.bytes
    log.append(entry, talk)
    const life = this.#life
    if (seenAt > life.lastSeenAt) life.lastSeenAt = seenAt
    const owner = this.#owner
    owner?.grown(this, log.bytes - before)
    if (this.#isReading) return
    const isFollowed = (this.#madeFollowers?.size ?? 0) > 0 || owner?.followed === true
    if (isFollowed) this.#followers.tell(entry)
  }
}

/** Whether it goes into the ring of chunks. */
export function isTalk(event: AgentEvent): boolean {
  // Streamers of the older kind send their chunks as custom events of that name.
  return event.type === 'agent.chunk' || (event.type === 'agent.event' && event.name === 'chunk')
}
