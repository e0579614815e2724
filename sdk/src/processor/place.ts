import type { ChunkKind } from '../event/agent-event.ts'
import type { TokenUsage } from '../event/usage.ts'
import type { AgentObserver } from '../observer/agent-observer.ts'
import type { Run } from '../run/run.ts'
import type { SpanRecord } from '../run/span-record.ts'
import { STANDS, type Standing } from '../run/standing.ts'
import type { OtelSpan } from './otel-span.ts'

/**
 * Where an unrecognised span stands that has no recognised one above it. Shared by all such spans below it, so
 * that a run which begins further down can find the process's own root of the trace.
 */
export class Place implements Standing {
  /** The process's own root span of this trace. */
  readonly root: OtelSpan
  /** The run, if one is known already. */
  run: Run | undefined
  /** Whether the run stands and falls with the root span; else a context, or a conversation, holds it open. */
  holds: boolean
  /** The span of a run in another process that has called us: a run that begins here is a part of that one. */
  readonly caller: string | undefined
  /** The root's record, once a run has begun below it. */
  record: SpanRecord | undefined

  constructor(root: OtelSpan, run: Run | undefined, holds: boolean, caller: string | undefined) {
    this.root = root
    this.run = run
    this.holds = holds
    this.caller = caller
  }

  get stands(): typeof STANDS {
    return STANDS
  }

  get observer(): AgentObserver | undefined {
    return this.record?.observer
  }

  chunk(delta: unknown, kind: ChunkKind): void {
    this.record?.chunk(delta, kind)
  }

  event(name: string, content: unknown, namespace?: string): void {
    this.record?.event(name, content, namespace)
  }

  usage(usage: TokenUsage, model?: string, provider?: string): void {
    this.record?.usage(usage, model, provider)
  }

  cost(usd: number): void {
    this.record?.cost(usd)
  }
}
