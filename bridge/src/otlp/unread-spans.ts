import { classify, type SpanBundle } from '@spancast/sdk/internal'
import { collectedSpan } from './collected-span.ts'
import type { DecodedTraces, SpanPacking } from './otlp-span.ts'

/** Who takes spans that nobody has told apart. */
export interface UnreadSink {
  mayPostpone(traceId: string, size: number, bytes: number): boolean
  postpone(bundle: SpanBundle): void
}

/** What the spans of one trace in a request are, so far. */
interface TraceSpans {
  readonly first: number
  agentic: number
  bytes: number
  telling: boolean
  root: number
  /** Those that are put away. */
  readonly indexes: number[]
}

/** Those spans of a request that are put away as bytes: traces whose runs nobody looks at. */
export class UnreadSpans {
  readonly #packing: SpanPacking
  readonly #byTrace: ReadonlyMap<string, TraceSpans>
  #lastTrace = ''
  #last: TraceSpans | undefined

  constructor(packing: SpanPacking, byTrace: ReadonlyMap<string, TraceSpans>) {
    this.#packing = packing
    this.#byTrace = byTrace
  }

  /** Finds them among the spans of these numbers; `undefined` if there are none. */
  static among(
    decoded: DecodedTraces,
    from: number,
    to: number,
    sink: UnreadSink,
  ): UnreadSpans | undefined {
    const { packing } = decoded
    if (packing === undefined || decoded.agentic === 0) return undefined
    const byTrace = agenticTraces(decoded, packing, from, to)
    for (const [traceId, spans] of byTrace) {
      const may =
        !spans.telling &&
        sink.mayPostpone(traceId, spans.agentic, spans.bytes) &&
        isRecognised(decoded, spans.first)
      if (!may) byTrace.delete(traceId)
    }
    return byTrace.size === 0 ? undefined : new UnreadSpans(packing, byTrace)
  }

  /** Takes a span, whatever it is, if its trace is put away. @returns whether it is. */
  take(index: number): boolean {
    const traceId = this.#packing.traceId(index)
    // Spans of one trace come together.
    if (traceId !== this.#lastTrace) {
      this.#lastTrace = traceId
      this.#last = this.#byTrace.get(traceId)
    }
    const spans = this.#last
    if (spans === undefined) return false
    spans.indexes.push(index)
    if (this.#packing.isLocalRoot(index)) spans.root = index
    return true
  }

  /** @param open - Tells apart what was packed. */
  *bundles(
    isError: (index: number) => boolean,
    open: (packed: Buffer, tell: Parameters<SpanBundle['open']>[0]) => void,
  ): Generator<SpanBundle, void> {
    for (const [traceId, { agentic, root, indexes }] of this.#byTrace) {
      const packed = this.#packing.pack(indexes)
      yield {
        traceId,
        size: agentic,
        bytes: packed.length,
        outcome: root < 0 ? undefined : isError(root) ? 'error' : 'ok',
        open: (tell) => open(packed, tell),
      }
    }
  }
}

function agenticTraces(
  decoded: DecodedTraces,
  packing: SpanPacking,
  from: number,
  to: number,
): Map<string, TraceSpans> {
  const byTrace = new Map<string, TraceSpans>()
  let lastTrace = ''
  let last: TraceSpans | undefined
  for (let i = from; i < to; i++) {
    if (!decoded.isAgentic(i)) continue
    const traceId = packing.traceId(i)
    if (traceId !== lastTrace || last === undefined) {
      lastTrace = traceId
      last = byTrace.get(traceId)
      if (last === undefined) {
        last = { first: i, agentic: 0, bytes: 0, telling: false, root: -1, indexes: [] }
        byTrace.set(traceId, last)
      }
    }
    last.agentic++
    last.bytes += packing.bytes(i)
    last.telling ||= packing.isTelling(i)
  }
  return byTrace
}

/** Whether the span opens a run: one of several that only might would be a run of nothing. */
function isRecognised(decoded: DecodedTraces, index: number): boolean {
  const { facts } = collectedSpan(decoded.head(index), decoded.detail(index))
  return classify(facts) !== undefined
}
