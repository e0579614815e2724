import type { CallProgress } from './progress.ts'

// Holds the call, never the object: nothing that a call reaches leads back to what it returned.
const registry = new FinalizationRegistry<CallProgress>((call) => call.drop())

/** From now on the call is dropped when `object` is garbage collected. Keeps neither of them alive. */
export function dropWith(object: object, call: CallProgress): void {
  registry.register(object, call, call)
}

/** Takes back every `dropWith` of this call: something else decides now when it ends. */
export function keepOpen(call: CallProgress): void {
  registry.unregister(call)
}
