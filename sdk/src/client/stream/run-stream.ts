import type { AgentEvent, StreamEnd, StreamGap } from '../../event/agent-event.ts'
import { GapError } from '../errors.ts'
import type { Http } from '../http/http.ts'
import type { Connection } from '../state/run-state.ts'
import { type FollowOptions, follow } from './follow.ts'
import type { Frame } from './frames.ts'
import { Nap } from './nap.ts'
import { recordIn, type StreamRecord } from './record.ts'

export interface EventsOptions {
  /** The id to begin after, as `lastEventId` tells it, or a bare `seq`. Default: the beginning. */
  readonly after?: string
  /** Ends the reading: the iterator rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** The types of events to give. Default: all. Gaps are told in any case. */
  readonly types?: readonly AgentEvent['type'][]
  /** Seconds that the bridge waits for a run that it has not heard of, 0 to 60. Default: as it is set up, 10. */
  readonly wait?: number
  /** What becomes of a gap: `data` gives it like an event, `throw` ends the reading with a GapError. Default `data`. */
  readonly onGap?: 'data' | 'throw'
  /** Told how the reading stands, whenever that changes. */
  readonly onConnection?: (connection: Connection) => void
}

/** The path of a run's stream. */
export function runPath(randomId: string, wait: number | undefined): string {
  const query = wait === undefined ? '' : `?wait=${wait}`
  return `/api/agents/${encodeURIComponent(randomId)}/stream${query}`
}

/** Why the bridge ends a run's stream, if that is what the record says. */
export function endOf(record: StreamRecord): StreamEnd['reason'] | undefined {
  return record.type === 'stream.end' ? record.reason : undefined
}

/**
 * The events of one run, as they come, for one consumer: nothing is read that it has not asked for. Connections that
 * are lost are resumed without it noticing. Over with the run; leaving the loop closes the connection.
 */
export class RunStream implements AsyncIterableIterator<AgentEvent | StreamGap, void> {
  /** The id of the last event that was given: `after` of who wants to go on from here. */
  lastEventId: string | undefined
  /** What the bridge said at the end of the run. */
  ended: StreamEnd | undefined
  readonly #abort = new AbortController()
  readonly #records: AsyncGenerator<AgentEvent | StreamGap, void>

  constructor(http: Http, options: FollowOptions, randomId: string, own: EventsOptions) {
    this.lastEventId = own.after
    const source = {
      path: runPath(randomId, own.wait),
      after: own.after,
      signal: own.signal ? AbortSignal.any([own.signal, this.#abort.signal]) : this.#abort.signal,
      nap: new Nap(),
      decode: recordIn,
      endOf,
      connection: own.onConnection ?? (() => {}),
    }
    this.#records = this.#read(follow(http, options, source), own)
  }

  next(): Promise<IteratorResult<AgentEvent | StreamGap, void>> {
    return this.#records.next()
  }

  /** Closes the connection. A `next` that waits is over too. */
  async return(): Promise<IteratorResult<AgentEvent | StreamGap, void>> {
    this.#abort.abort()
    await this.#records.return()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async *#read(
    batches: AsyncGenerator<readonly Frame<StreamRecord>[], void>,
    { types, onGap }: EventsOptions,
  ): AsyncGenerator<AgentEvent | StreamGap, void> {
    try {
      for await (const batch of batches) {
        for (const { value, id } of batch) {
          this.lastEventId = id ?? this.lastEventId
          if (value === undefined || value.type === 'client.heartbeat') continue
          if (value.type === 'stream.end') this.ended = value
          else if (value.type === 'stream.gap') {
            if (onGap === 'throw') throw new GapError(value)
            yield value
          } else if (types === undefined || types.includes(value.type)) yield value
        }
      }
    } catch (error) {
      // Whoever has left wants to hear no more.
      if (!this.#abort.signal.aborted) throw error
    }
  }
}
