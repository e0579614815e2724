import type { Context } from '@opentelemetry/api'

/**
 * A context that lays one value over another context. The API's own context copies all its entries at every
 * change, which for a span in a run is the dearest step of all; this one adds a layer, and drops the layer that it
 * replaces, so that there are never more layers than keys.
 */
export class LayeredContext implements Context {
  readonly #below: Context
  readonly #key: symbol
  readonly #value: unknown

  constructor(below: Context, key: symbol, value: unknown) {
    this.#below = below
    this.#key = key
    this.#value = value
  }

  getValue(key: symbol): unknown {
    let at: Context = this
    while (at instanceof LayeredContext) {
      if (at.#key === key) return at.#value
      at = at.#below
    }
    return at.getValue(key)
  }

  setValue(key: symbol, value: unknown): Context {
    return new LayeredContext(this.#without(key), key, value)
  }

  deleteValue(key: symbol): Context {
    return this.getValue(key) === undefined ? this : this.setValue(key, undefined)
  }

  #without(key: symbol): Context {
    if (this.#key === key) return this.#below
    if (!(this.#below instanceof LayeredContext)) return this
    const below = this.#below.#without(key)
    return below === this.#below ? this : new LayeredContext(below, this.#key, this.#value)
  }
}
