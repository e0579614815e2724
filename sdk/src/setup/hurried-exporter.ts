import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-node'

/**
 * An exporter that can be told to hurry: exporters retry for ten seconds and more, which an exit is not to wait for.
 */
export class HurriedExporter implements SpanExporter {
  readonly #usual: SpanExporter
  readonly #hasty: SpanExporter
  #hurries = false

  /** @param hasty - For the same receiver, with less patience. */
  constructor(usual: SpanExporter, hasty: SpanExporter) {
    this.#usual = usual
    this.#hasty = hasty
  }

  /** From here on exports do not wait for long. @returns the function that takes it back. */
  hurry(): () => void {
    this.#hurries = true
    return () => {
      this.#hurries = false
    }
  }

  export(spans: ReadableSpan[], done: Parameters<SpanExporter['export']>[1]): void {
    const exporter = this.#hurries ? this.#hasty : this.#usual
    exporter.export(spans, done)
  }

  async shutdown(): Promise<void> {
    await Promise.all([this.#usual.shutdown(), this.#hasty.shutdown()])
  }
}
