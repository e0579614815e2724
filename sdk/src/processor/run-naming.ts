import { type Context, trace } from '@opentelemetry/api'
import { RUN_ID } from '../attributes.ts'
import { inboundRunId } from '../context/observation-context.ts'
import type { Recognised, SpanFacts } from '../dialect/span-facts.ts'
import type { ObserverRegistry } from '../observer/observer-registry.ts'
import { isRandomId } from '../observer/random-id.ts'
import { conversationRunOf, type RunBy } from '../run/conversation.ts'
import type { Run } from '../run/run.ts'
import type { RunAssembler } from '../run/run-assembler.ts'
import type { OtelSpan } from './otel-span.ts'

/** Takes a run id that came from another process, or refuses it. Must not throw. */
export type JoinRuns = boolean | ((randomId: string) => boolean)

/** Names the runs that spans of this process belong to. */
export class RunNaming {
  readonly #registry: ObserverRegistry
  readonly #assembler: RunAssembler
  readonly #joinRuns: JoinRuns
  /** Whether runs are conversations, where spans name one. */
  readonly byConversation: boolean

  constructor(
    registry: ObserverRegistry,
    assembler: RunAssembler,
    joinRuns: JoinRuns,
    runBy: RunBy,
  ) {
    this.#registry = registry
    this.#assembler = assembler
    this.#joinRuns = joinRuns
    this.byConversation = runBy === 'conversation'
  }

  /** The run of an observer that a context carries; mostly it is the one above. */
  of(observer: Run['observer'], above: { readonly run: Run | undefined } | undefined): Run {
    return above?.run?.observer === observer ? above.run : this.#assembler.runOf(observer)
  }

  /** @param joined - Whether another process has opened it, unless it is going on here already. */
  named(randomId: string, joined: boolean): Run {
    return this.#goingOn(randomId) ?? this.#begun(randomId, { joined })
  }

  /** The run that the span's conversation is; `undefined` if it names none. */
  conversation(facts: SpanFacts, is: Recognised): Run | undefined {
    const randomId = conversationRunOf(facts, is.dialect)
    if (randomId === undefined) return undefined
    return this.#goingOn(randomId) ?? this.#begun(randomId, { bySilence: true })
  }

  /** The run that a remote parent names, if we may join it. */
  joined(parentContext: Context): Run | undefined {
    if (this.#joinRuns === false) return undefined
    const randomId = remoteRunId(parentContext)
    if (randomId === undefined) return undefined
    if (typeof this.#joinRuns === 'function' && this.#joinRuns(randomId) !== true) return undefined
    return this.named(randomId, true)
  }

  #goingOn(randomId: string): Run | undefined {
    const existing = this.#registry.get(randomId)
    if (existing === undefined || existing.ended) return undefined
    return this.#assembler.runOf(existing)
  }

  #begun(randomId: string, life: { joined?: boolean; bySilence?: boolean }): Run {
    const observer = this.#registry.create(randomId)
    Object.assign(observer.life, life)
    return this.#assembler.runOf(observer)
  }
}

/** Puts the run's id on the span, for whoever sees the span alone. */
export function stampRunId(span: OtelSpan, run: Run): void {
  const { randomId } = run.observer
  if (span.attributes[RUN_ID] !== randomId) span.setAttribute(RUN_ID, randomId)
}

/** The span that has called us from a run in another process, which we are a part of even if we do not take its id. */
export function callerIn(parentContext: Context): string | undefined {
  return remoteRunId(parentContext) && trace.getSpanContext(parentContext)?.spanId
}

/** The run id that a caller in another process has sent. */
function remoteRunId(parentContext: Context): string | undefined {
  if (trace.getSpanContext(parentContext)?.isRemote !== true) return undefined
  const randomId = inboundRunId(parentContext)
  return isRandomId(randomId) ? randomId : undefined
}
