import type { CustomEvent } from '../event/agent-event.ts'
import { capText } from '../event/cap.ts'
import { capture, publish } from '../event/content.ts'
import { MAX_NAME_BYTES } from '../run/event-base.ts'
import { bytesOf } from '../run/span-record.ts'
import type { CollectedRun } from './collected-run.ts'
import type { CollectedEvent, CollectedSpan } from './collected-span.ts'

/** Appends a custom event of a span that has no record: the one that opened its run, where that had begun before. */
export function appendCustom(
  { observer, run }: CollectedRun,
  { traceId, spanId }: CollectedSpan,
  { name, timestamp, content }: CollectedEvent,
): void {
  const rules = run.liveRules
  const captured = rules === undefined ? undefined : capture(content, rules.maxContentBytes)
  const build = (_: unknown, seq: number): CustomEvent => {
    const shown =
      rules === undefined || captured === undefined
        ? undefined
        : publish(captured, 'content', rules)
    const truncated = shown?.truncated ?? []
    return {
      type: 'agent.event',
      seq,
      randomId: observer.randomId,
      nodeId: observer.randomId,
      timestamp,
      traceId,
      spanId,
      name: capText(name, MAX_NAME_BYTES),
      content: shown?.value ?? null,
      ...(truncated.length > 0 && { truncated }),
    }
  }
  observer.append('agent.event', { build }, bytesOf(captured), name === 'chunk', timestamp)
}
