/** What is passed on: an OTLP request as it came, undecoded. */
export interface ForwardRequest {
  /** Path below the upstream's URL, such as `/v1/traces`. */
  readonly path: string
  readonly contentType: string
  readonly contentEncoding?: string | undefined
  /** The `Via` header that it came with: ours is added to it. */
  readonly via?: string | undefined
  /** As received, compressed if it came so. Must not change after it was handed over. */
  readonly body: Buffer
}
