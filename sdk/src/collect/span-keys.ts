/**
 * Short names for the spans of one run: nearly all runs have spans of one trace, whose id need not be in each of
 * their names. Making and comparing names of both ids costs several times as much.
 */
export class SpanKeys {
  #home: string | undefined

  of(traceId: string, spanId: string): string {
    this.#home ??= traceId
    return traceId === this.#home ? spanId : traceId + spanId
  }
}
