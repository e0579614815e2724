import {
  type CollectedSpan,
  type CollectorCounts,
  conversationsOf,
  idOfWords,
  isRandomId,
  type LinkRecord,
  NO_TRACE_ID,
  type OtherSpans,
  RUN_ID,
  SPAN_WORDS,
  TRACE_WORDS,
} from '@spancast/sdk/internal'
import { addOther, emptyInput, type Input, textOfInput } from './inputs.ts'
import type { Routes } from './routes.ts'

/** What of a request belongs to one trace and one run: it goes to one group. */
interface Bundle {
  readonly traceId: string | undefined
  readonly randomId: string | undefined
  readonly input: Input
}

export interface IntakeOptions {
  readonly routes: Routes
  /** Whether traces that name a conversation are parts of one run. */
  readonly byConversation: boolean
  readonly counts: CollectorCounts
  /** Keeps an input for a group, and tells whoever folds it; `quiet`: only if it has runs already. */
  put(group: string, text: string, quiet: boolean): Promise<void>
}

/** Takes what arrives at this bridge and keeps it in the store, for whichever bridge folds it. */
export class Intake {
  readonly #options: IntakeOptions
  #bundles = new Map<string, Bundle>()

  constructor(options: IntakeOptions) {
    this.#options = options
  }

  get counts(): CollectorCounts {
    return this.#options.counts
  }

  collect(spans: readonly CollectedSpan[], others: OtherSpans): void {
    const conversations = this.#options.byConversation ? conversationsOf(spans) : undefined
    for (const span of spans) {
      const named = span.facts.attributes[RUN_ID]
      const randomId = isRandomId(named) ? named : conversations?.get(span.traceId)
      this.#bundle(span.traceId, randomId).spans.push(span)
    }
    const roots = new Set(others.roots)
    for (let index = 0; index < others.size; index++) {
      const traceId = idOfWords(others.ids, index * SPAN_WORDS, TRACE_WORDS)
      addOther(this.#bundle(traceId, undefined), others, index, roots.has(index))
    }
  }

  link(record: LinkRecord): void {
    const traceId = record.event?.traceId
    const known = traceId === NO_TRACE_ID ? undefined : traceId
    this.#bundle(known, record.randomId).links.push(record)
  }

  /** Resolves when what was taken since the last call stands in the store. Rejects if some of it does not. */
  async kept(): Promise<void> {
    const bundles = [...this.#bundles.values()]
    this.#bundles = new Map()
    await this.#write(bundles)
  }

  #bundle(traceId: string | undefined, randomId: string | undefined): Input {
    const key = `${traceId ?? ''} ${randomId ?? ''}`
    let bundle = this.#bundles.get(key)
    if (bundle === undefined) {
      bundle = { traceId, randomId, input: emptyInput() }
      this.#bundles.set(key, bundle)
    }
    return bundle.input
  }

  async #write(bundles: readonly Bundle[]): Promise<void> {
    const { routes } = this.#options
    const byGroup = new Map<string, Input>()
    // Those that name a run first, so that the others of their trace find its group.
    for (const isNamed of [true, false]) {
      const some = bundles.filter(({ randomId }) => (randomId !== undefined) === isNamed)
      const groups = await Promise.all(
        some.map(({ traceId, randomId }) => routes.groupOf(traceId, randomId)),
      )
      for (const [at, { input }] of some.entries()) {
        const group = groups[at] ?? ''
        const there = byGroup.get(group)
        if (there === undefined) byGroup.set(group, input)
        else merge(there, input)
      }
    }
    await Promise.all(
      [...byGroup].map(([group, input]) => {
        const quiet = input.spans.length === 0 && input.links.length === 0
        return this.#options.put(group, textOfInput(input), quiet)
      }),
    )
  }
}

/** Of one group, and so put in order together. */
function merge(into: Input, { spans, links, ids, roots }: Input): void {
  const before = into.ids.length / SPAN_WORDS
  into.spans.push(...spans)
  into.links.push(...links)
  for (const id of ids) into.ids.push(id)
  for (const [index, root] of roots) into.roots.push([before + index, root])
}
