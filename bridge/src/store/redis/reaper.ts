import type { RunEnd } from '@spancast/sdk'
import { freshEpoch } from './fresh-epoch.ts'
import { listOf, numberOf, textIn } from './reply.ts'
import { APPEND, WRITER } from './run-scripts.ts'
import type { WriterDeps } from './run-writer.ts'

const NO_SPAN_ID = '0'.repeat(16)
const NO_TRACE_ID = '0'.repeat(32)

/** Ends the runs whose process died with them: they are silent for too long, and nobody will end them. */
export async function reap(
  deps: WriterDeps,
  isThere: (instance: string) => boolean,
): Promise<void> {
  for (const randomId of await deps.index.silent(deps.limits.runIdleMs)) {
    await abandon(deps, randomId, isThere)
  }
}

async function abandon(
  { connection, keys, index, limits }: WriterDeps,
  randomId: string,
  isThere: (instance: string) => boolean,
): Promise<void> {
  const reply = listOf(await connection.run(WRITER, keys.run(randomId), []))
  const [writer = '', fence, epoch, last, ended, lost = '0'] = reply.map(textIn)
  const summary = await index.summary(randomId)
  if (epoch === undefined || summary === undefined || ended === '1') return
  // What is folded has an owner, who ends it.
  if (numberOf(fence) > 0 || isThere(writer.split('.')[0] ?? '')) return
  const seq = numberOf(last) + 1
  const now = Date.now()
  const { tokenUsage, cost, unpricedCalls, unmeteredCalls, startedAt, traceIds } = summary
  const duration = Math.max(0, now - startedAt)
  const end: RunEnd = {
    type: 'run.end',
    seq,
    randomId,
    nodeId: randomId,
    timestamp: now,
    traceId: traceIds[0] ?? NO_TRACE_ID,
    spanId: NO_SPAN_ID,
    status: 'abandoned',
    duration,
    tokenUsage,
    cost,
    unpricedCalls,
    unmeteredCalls,
  }
  const over = {
    ...summary,
    status: 'abandoned',
    endedAt: now,
    duration,
    openSpans: 0,
    lastSeq: seq,
  }
  // A fence above the dead one: should it live after all, it has to stop.
  const place = [epoch, freshEpoch(), 'nobody', '1', '0', String(seq - 1), String(seq)]
  const rest = [lost, '0', '0', '1', String(now), JSON.stringify(over), String(limits.retentionMs)]
  const event = [String(seq), 'e', JSON.stringify(end)]
  await connection.run(APPEND, keys.run(randomId), [...place, ...rest, ...event])
  await index.touch({ randomId, begins: false, seenAt: now, bytes: 0, ended: true })
}
