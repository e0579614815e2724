import { classify, type SpanBundle, TRACE_WORDS } from '@spancast/sdk/internal'
import { collectedSpan } from './collected-span.ts'
import type { DecodedTraces, SpanPacking } from './otlp-span.ts'

/** Who takes spans that nobody has told apart. */
export interface UnreadSink {
  mayPostpone(traceId: string, size: number, bytes: number): boolean
  mayWait(ids: Uint32Array): boolean
  postpone(bundle: SpanBundle): void
}

type Tell = Parameters<SpanBundle['open']>[0]
/** Tells apart what was packed. */
export type OpenPacked = (packed: Buffer, tell: Tell) => void

class PackedBundle implements SpanBundle {
  readonly traceId: string
  readonly size: number
  readonly outcome: SpanBundle['outcome']
  readonly #packed: Buffer
  readonly #open: OpenPacked

  constructor(
    traceId: string,
    size: number,
    outcome: SpanBundle['outcome'],
    packed: Buffer,
    open: OpenPacked,
  ) {
    this.traceId = traceId
    this.size = size
    this.outcome = outcome
    this.#packed = packed
    this.#open = open
  }

  get bytes(): number {
    return this.#packed.length
  }

  open(tell: Tell): void {
    this.#open(this.#packed, tell)
  }
}

/** What the spans of one trace in a request are, so far. */
interface TraceSpans {
  readonly first: number
  /** Whether that one failed. */
  hasFailed: boolean
  agentic: number
  bytes: number
  telling: boolean
  root: number
  refused: boolean
  /** Those that are put away. */
  readonly indexes: number[]
}

/**
 * Those spans of a request that are put away as bytes: of traces whose runs nobody looks at, all that comes; also what
 * concerns no agent, since agents may hang below it.
 */
export class UnreadSpans {
  readonly #packing: SpanPacking
  readonly #sink: UnreadSink
  readonly #byTrace: Map<string, TraceSpans>
  readonly #ids = new Uint32Array(TRACE_WORDS)
  #last: TraceSpans | undefined
  #lastIndex = -1

  private constructor(packing: SpanPacking, sink: UnreadSink, byTrace: Map<string, TraceSpans>) {
    this.#packing = packing
    this.#sink = sink
    this.#byTrace = byTrace
  }

  /** Of the spans of these numbers; `undefined` if none can be put away. */
  static of(
    decoded: DecodedTraces,
    from: number,
    to: number,
    sink: UnreadSink,
  ): UnreadSpans | undefined {
    const { packing } = decoded
    if (packing === undefined) return undefined
    const byTrace = agenticTraces(decoded, packing, from, to)
    for (const [traceId, spans] of byTrace) {
      const may = !spans.telling && sink.mayPostpone(traceId, spans.agentic, spans.bytes)
      // What else comes of the trace goes the same way.
      spans.refused = !may || !opensRun(decoded, spans)
    }
    return new UnreadSpans(packing, sink, byTrace)
  }

  /** Takes a span, whatever it is, if its trace is put away. @returns whether it is. */
  take(index: number): boolean {
    const packing = this.#packing
    // Spans of one trace come together.
    if (this.#lastIndex < 0 || !packing.isSameTrace(this.#lastIndex, index)) {
      this.#last = this.#of(index)
    }
    this.#lastIndex = index
    const spans = this.#last
    if (spans === undefined || spans.refused) return false
    spans.indexes.push(index)
    if (packing.isLocalRoot(index)) spans.root = index
    return true
  }

  #of(index: number): TraceSpans | undefined {
    const packing = this.#packing
    packing.writeTraceId(index, this.#ids)
    if (this.#byTrace.size === 0 && !this.#sink.mayWait(this.#ids)) return undefined
    const traceId = packing.traceId(index)
    const known = this.#byTrace.get(traceId)
    if (known !== undefined || !this.#sink.mayWait(this.#ids)) return known
    const refused = !this.#sink.mayPostpone(traceId, 0, packing.bytes(index))
    const spans = { ...emptySpans(index), refused }
    this.#byTrace.set(traceId, spans)
    return spans
  }

  /**
   * Puts away what was taken.
   *
   * @param isError - Whether a span has failed.
   * @param open - Tells apart what was packed.
   */
  postpone(isError: (index: number) => boolean, open: OpenPacked): void {
    for (const [traceId, { agentic, root, first, hasFailed, indexes }] of this.#byTrace) {
      if (indexes.length === 0) continue
      const failed = root === first ? hasFailed : root >= 0 && isError(root)
      const outcome = root < 0 ? undefined : failed ? 'error' : 'ok'
      const packed = this.#packing.pack(indexes)
      this.#sink.postpone(new PackedBundle(traceId, agentic, outcome, packed, open))
    }
  }
}

function emptySpans(first: number): TraceSpans {
  return {
    first,
    hasFailed: false,
    agentic: 0,
    bytes: 0,
    telling: false,
    root: -1,
    refused: false,
    indexes: [],
  }
}

function agenticTraces(
  decoded: DecodedTraces,
  packing: SpanPacking,
  from: number,
  to: number,
): Map<string, TraceSpans> {
  const byTrace = new Map<string, TraceSpans>()
  if (decoded.agentic === 0) return byTrace
  let lastTrace = ''
  let last: TraceSpans | undefined
  for (let i = from; i < to; i++) {
    if (!decoded.isAgentic(i)) continue
    const traceId = packing.traceId(i)
    if (traceId !== lastTrace || last === undefined) {
      lastTrace = traceId
      last = byTrace.get(traceId)
      if (last === undefined) {
        last = emptySpans(i)
        byTrace.set(traceId, last)
      }
    }
    last.agentic++
    last.bytes += packing.bytes(i)
    last.telling ||= packing.isTelling(i)
  }
  return byTrace
}

/** Whether the first of the spans opens a run: one of spans that only might would be a run of nothing. */
function opensRun(decoded: DecodedTraces, spans: TraceSpans): boolean {
  const { facts, error } = collectedSpan(decoded.head(spans.first), decoded.detail(spans.first))
  spans.hasFailed = error !== undefined
  return classify(facts) !== undefined
}
