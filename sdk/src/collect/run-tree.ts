import { baseOf } from '../run/event-base.ts'
import type { SpanRecord } from '../run/span-record.ts'
import type { CollectedRun } from './collected-run.ts'
import type { SpanPlace } from './collected-span.ts'
import type { TraceStructure } from './trace-structure.ts'

/** Where a span hangs: the nearest ancestor that has events, or the ancestor that has to come first. */
export interface Found {
  readonly parent: SpanRecord | undefined
  readonly missing: string | undefined
}

/** The trees of runs whose spans come in any order: who hangs below whom, and who has to move. */
export class RunTree {
  readonly #structure: TraceStructure

  constructor(structure: TraceStructure) {
    this.#structure = structure
  }

  find(run: CollectedRun, traceId: string, parentSpanId: string | undefined): Found {
    const { found, missing } = this.#structure.climb(traceId, parentSpanId, (spanId) =>
      run.record(traceId, spanId),
    )
    return { parent: found, missing }
  }

  /** A span that has events is there from now on: what waited for it hangs below it. */
  grown(run: CollectedRun, record: SpanRecord, missing: string | undefined): void {
    if (missing !== undefined) run.waiting.add(record, missing)
    for (const child of run.waiting.take(record.traceId, record.spanId)) move(child, record)
  }

  /** The run begins at this span, which has no events of its own: nothing of it hangs further up. */
  cut(run: CollectedRun, { traceId, spanId }: Pick<SpanPlace, 'traceId' | 'spanId'>): void {
    this.#structure.add({ traceId, spanId, parentSpanId: undefined })
    this.passed(run, { traceId, spanId })
  }

  /** A span without events is there from now on: what waited for it hangs, or waits, further up. */
  passed(run: CollectedRun, { traceId, spanId }: Pick<SpanPlace, 'traceId' | 'spanId'>): void {
    const waiting = run.waiting.take(traceId, spanId)
    if (waiting.length === 0) return
    const { parent, missing } = this.find(run, traceId, spanId)
    for (const child of waiting) {
      if (parent !== undefined) move(child, parent)
      else if (missing !== undefined) run.waiting.add(child, missing)
    }
  }
}

function move(child: SpanRecord, parent: SpanRecord): void {
  const { observer } = child
  if (observer.ended || !child.moveBelow(parent)) return
  // As it hangs now: it may move once more before anybody reads this.
  const moved = baseOf(child, 0, child.timestamp)
  const builder = {
    build: (_: unknown, seq: number) => ({ ...moved, type: 'agent.moved', seq }) as const,
  }
  // No sign of life: what comes in between may concern no agent.
  observer.append('agent.moved', builder, 0, false, 0)
}
