import type { AgentObserver, RunLimits } from '@spancast/sdk'
import type { Parcel } from './backlog.ts'
import { freshEpoch } from './fresh-epoch.ts'

export interface Append {
  readonly observer: AgentObserver
  readonly limits: RunLimits
  readonly epoch: string
  readonly writer: string
  readonly fence: number
  /** Whether what the store has of the run is replaced. */
  readonly begins: boolean
  /** What the store has, as far as the writer knows. */
  readonly base: number
  /** Whether the run's end is in the store: how long that is kept is settled. */
  readonly over: boolean
  readonly batch: readonly Parcel[]
}

/** What the script `APPEND` is given. */
export function appendArgs(append: Append): string[] {
  const { observer, limits, base, batch } = append
  const last = batch.at(-1)?.seq ?? base
  const { firstEvent, firstChunk, lostTo } = observer.kept
  // What the observer has let go of must not go before it was told.
  const beyond = last + 1
  const ended = observer.ended && last >= observer.lastSeq
  const ttlMs = ended ? limits.retentionMs : limits.maxRunMs + limits.retentionMs
  const args = [
    append.epoch,
    freshEpoch(),
    append.writer,
    String(append.fence),
    append.begins ? '1' : '0',
    String(base),
    String(last),
    String(Math.min(lostTo, last)),
    String(Math.min(firstEvent, beyond)),
    String(Math.min(firstChunk, beyond)),
    ended ? '1' : '0',
    String(Math.round(observer.lastSeenAt)),
    JSON.stringify({ ...observer.summary(), lastSeq: Math.max(last, base) }),
    String(append.over ? 0 : ttlMs),
  ]
  for (const { seq, chunk, json } of batch) args.push(String(seq), chunk ? 'c' : 'e', json)
  return args
}
