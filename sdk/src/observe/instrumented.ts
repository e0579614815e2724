/** What has been instrumented in place, so that it is once, by whichever copy of the SDK. */
interface Instrumented {
  readonly agents: WeakSet<object>
  /** Tools, and the functions that stand in place of bare ones. */
  readonly tools: WeakSet<object>
  readonly warned: WeakSet<object>
}

const KEY = Symbol.for('spancast.instrumented.v1')
const shared = globalThis as { [KEY]?: Instrumented }

shared[KEY] ??= { agents: new WeakSet(), tools: new WeakSet(), warned: new WeakSet() }

export const instrumented: Instrumented = shared[KEY]
