import type { AgentEvent, ControlRecord } from '../../event/agent-event.ts'
import { ProtocolError } from '../errors.ts'

/** What a stream of a run carries. */
export type StreamRecord = AgentEvent | ControlRecord

/**
 * A record of a stream; `undefined` for a control record of a later version. Of an event that which all events have
 * is checked; the rest is as the contract says.
 *
 * @throws ProtocolError for what is no record.
 */
export function recordIn(value: unknown): StreamRecord | undefined {
  if (typeof value === 'object' && value !== null && 'type' in value) {
    const { type, seq, spanId, timestamp } = value as Partial<AgentEvent>
    if (String(type).startsWith('stream.')) return controlIn(value as ControlRecord)
    const numbered = Number.isSafeInteger(seq) && Number(seq) > 0
    if (
      typeof type === 'string' &&
      numbered &&
      typeof spanId === 'string' &&
      Number.isFinite(timestamp)
    ) {
      return value as AgentEvent
    }
  }
  throw new ProtocolError('Expected an event of a run, got something else.')
}

function controlIn(record: ControlRecord): ControlRecord | undefined {
  if (record.type === 'stream.end') return record
  if (record.type !== 'stream.gap') return undefined
  if (record.reason === 'restarted') return record
  const { from, to } = record
  return Number.isSafeInteger(from) && Number.isSafeInteger(to) && from <= to ? record : undefined
}
