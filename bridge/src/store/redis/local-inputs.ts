import type { SpanCollector } from '@spancast/sdk/internal'
import { foldInput } from './fold-input.ts'
import type { InputLog } from './input-log.ts'

/** What has arrived at any bridge for runs that this very process records: it ends with them. */
export class LocalInputs {
  readonly #group: string
  readonly #log: InputLog
  readonly #collector: SpanCollector
  #lastId = '0-0'
  #pulling: Promise<void> | undefined
  #again = false

  constructor(group: string, log: InputLog, collector: SpanCollector) {
    this.#group = group
    this.#log = log
    this.#collector = collector
  }

  /** @throws BridgeError `store-away`. */
  pull(): Promise<void> {
    this.#again = true
    this.#pulling ??= this.#pull().finally(() => {
      this.#pulling = undefined
    })
    return this.#pulling
  }

  async #pull(): Promise<void> {
    while (this.#again) {
      this.#again = false
      for (;;) {
        const entries = await this.#log.after(this.#group, this.#lastId)
        const newest = entries.at(-1)
        if (newest === undefined) break
        for (const { text } of entries) foldInput(this.#collector, text)
        this.#lastId = newest.id
        await this.#log.forget(this.#group, newest.id)
      }
    }
  }
}
