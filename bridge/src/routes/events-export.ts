import type { ControlRecord } from '@spancast/sdk'
import type { Response } from 'express'
import type { Start } from '../sse/cursor.ts'
import type { RunFeed } from '../store/run-store.ts'

// Few enough to hold little for a reader that has stopped, enough to cost little for each.
const BATCH = 64

/**
 * Sends what is kept of a run up to now, one event a line, as fast as the reader takes it. What it can no longer
 * get is told by a `stream.gap` line ahead of what survives; a run that is let go meanwhile by a `stream.end`.
 */
export async function sendNdjson(
  res: Response,
  feed: RunFeed,
  start: Start,
  limit: number = Number.MAX_SAFE_INTEGER,
): Promise<void> {
  const last = feed.lastSeq
  let { after } = start
  let left = limit
  let told = 0
  if (start.restarted) res.write(line({ type: 'stream.gap', reason: 'restarted' }))
  while (after < last && left > 0 && !feed.disposed) {
    const gap = feed.gapAfter(after)
    const batch = feed.entries(after, Math.min(BATCH, left)).filter((entry) => entry.seq <= last)
    let text = ''
    if (gap !== undefined && gap.to > told) {
      const from = Math.max(gap.from, told + 1)
      text = line({ type: 'stream.gap', reason: 'overwritten', from, to: gap.to })
      told = gap.to
    }
    for (const entry of batch) text += `${entry.json}\n`
    after = batch.at(-1)?.seq ?? last
    left -= batch.length
    if (!res.write(text)) await drained(res)
    if (res.closed) return
  }
  if (after < last && feed.disposed) {
    res.write(line({ type: 'stream.end', reason: 'disposed', lastSeq: last }))
  }
  res.end()
}

function line(record: ControlRecord): string {
  return `${JSON.stringify(record)}\n`
}

function drained(res: Response): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      res.off('drain', go)
      res.off('close', go)
      resolve()
    }
    res.on('drain', go)
    res.on('close', go)
  })
}
