import type { AgentEvent, RunEnd, RunStart } from '../event/agent-event.ts'
import type { EventBuilder } from './entry.ts'
import type { RunLife } from './run-life.ts'

/** Where a run begins: the span, or the first event, that opens it. */
export interface RunOpening {
  readonly name: string
  readonly nodeId: string
  readonly timestamp: number
  readonly traceId: string
  readonly spanId: string
  readonly namespace?: string | undefined
  /** Gives the run's input when `run.start` is first read. */
  readonly input?:
    | (() => { readonly value: unknown; readonly truncated: readonly string[] })
    | undefined
}

/** Builds a run's own two events from how it opened and how it came out. */
export class RunEvents implements EventBuilder {
  readonly #randomId: string
  readonly #opening: RunOpening
  readonly #life: RunLife

  constructor(randomId: string, opening: RunOpening, life: RunLife) {
    this.#randomId = randomId
    this.#opening = opening
    this.#life = life
  }

  build(type: AgentEvent['type'], seq: number): RunStart | RunEnd {
    return type === 'run.end' ? this.#end(seq) : this.#start(seq)
  }

  #start(seq: number): RunStart {
    const { name, timestamp, input } = this.#opening
    const content = input?.()
    return {
      type: 'run.start',
      ...this.#base(seq, timestamp),
      name,
      ...(content !== undefined && { input: content.value }),
      ...(content !== undefined &&
        content.truncated.length > 0 && { truncated: content.truncated }),
    }
  }

  #end(seq: number): RunEnd {
    const { name, status, endedAt, duration, totals, outcome } = this.#life
    return {
      type: 'run.end',
      ...this.#base(seq, endedAt ?? 0),
      ...(name !== this.#opening.name && { name }),
      status: status === 'unstarted' || status === 'running' ? 'abandoned' : status,
      duration: duration ?? 0,
      ...totals,
      ...(outcome?.output !== undefined && { output: outcome.output }),
      ...(outcome?.error !== undefined && { error: outcome.error }),
      ...(outcome?.truncated !== undefined &&
        outcome.truncated.length > 0 && { truncated: outcome.truncated }),
    }
  }

  #base(seq: number, timestamp: number): Omit<RunStart, 'type' | 'name'> {
    const { nodeId, traceId, spanId, namespace } = this.#opening
    return {
      seq,
      randomId: this.#randomId,
      nodeId,
      timestamp,
      traceId,
      spanId,
      ...(namespace !== undefined && { namespace }),
    }
  }
}
