import type { AgentEvent } from '../event/agent-event.ts'
import type { Entry } from '../observer/entry.ts'
import { NO_SPAN_ID } from '../observer/event-input.ts'
import type { CollectedRun } from './collected-run.ts'
import type { LinkEvent } from './collected-span.ts'
import { isEnd, roleOfStart } from './link-event.ts'
import { standIn } from './stand-in.ts'

/** Who tells of this process's own spans. */
const OWN = 'own'

/**
 * Lets a run that this very process records be joined from elsewhere: its own spans, which may come back over OTLP,
 * are known, and those of other processes find their parents among them.
 */
export function followLocal(run: CollectedRun): void {
  for (const entry of run.observer.entries(0)) note(run, entry)
  if (run.observer.gapAfter(0) !== undefined) run.blindBefore = Date.now()
  run.observer.listen({ appended: (entry) => note(run, entry) })
}

function note(run: CollectedRun, { event }: Entry): void {
  const { traceId, spanId, parentSpanId } = event
  if (spanId === NO_SPAN_ID) return
  const told: AgentEvent & LinkEvent = { ...event }
  const role = roleOfStart(told)
  if (role !== undefined) {
    // What does not count is not this process's own: its record is there, or about to be.
    if (!run.counts(traceId, spanId, role === 'run' ? 'run' : 'start', OWN)) return
    const parent = parentSpanId === undefined ? undefined : run.record(traceId, parentSpanId)
    const record = standIn(run, parent, role, told)
    record.open = false
    run.add(record)
  } else if (event.type === 'agent.event') run.countsEvent(event, OWN)
  else if (isEnd(told) || event.type === 'run.end') run.counts(traceId, spanId, 'end', OWN)
}
