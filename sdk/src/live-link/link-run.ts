import type { AgentObserver } from '../observer/agent-observer.ts'
import type { Entry } from '../observer/entry.ts'
import { CALLED_OUT, eventRecord, heartbeatRecord, runAttributes } from './log-record.ts'

/**
 * One run as the link sends it: each event goes by a number of its own, 1, 2, 3 ..., which stays used when the
 * event is lost, so that the receiver sees the hole.
 */
export class LinkRun {
  readonly observer: AgentObserver
  /** The highest number in use. */
  last = 0
  /** Events that wait or are under way. */
  waiting = 0
  /** The highest number that was sent, or given up, in order. */
  done = 0
  readonly #joined: boolean
  readonly #common: string

  /** @param linkId - Names the link; with the buffer's epoch it is the source's id. */
  constructor(observer: AgentObserver, linkId: string) {
    this.observer = observer
    this.#joined = observer.life.joined
    // A run that begins anew under its old id counts from 1 again: it has to be another source.
    this.#common = runAttributes(observer.randomId, `${linkId}.${observer.epoch}`)
  }

  get open(): boolean {
    return this.observer.life.running
  }

  /** Whether the receiver may lack something of it: one that was restarted has to hear it all again. */
  get unfinished(): boolean {
    return this.open || this.waiting > 0
  }

  /** Whether the entry is ours to tell: only the process that opened a run sends its start and its end. */
  sends(entry: Entry): boolean {
    return !this.#joined || (entry.type !== 'run.start' && entry.type !== 'run.end')
  }

  /** The entry's number: its place in the buffer, but for a start that another process sends. */
  numberOf(entry: Entry): number {
    return this.#joined ? entry.seq - 1 : entry.seq
  }

  /** The entry as a log record. */
  recordOf(entry: Entry): string {
    // The event first: once its text is made, reading it means to parse that.
    const { event } = entry
    const isCaller = entry.type === 'run.end' && this.observer.life.calledOut
    const common = isCaller ? `${this.#common},${CALLED_OUT}` : this.#common
    return eventRecord(common, this.numberOf(entry), event, entry.json)
  }

  heartbeat(): string {
    return heartbeatRecord(this.#common, this.waiting === 0 ? this.last : this.done, Date.now())
  }
}
