import type { ObserverRegistry } from '../observer/observer-registry.ts'

const SHARED = Symbol.for('spancast.active-registries.v1')
const shared = globalThis as { [SHARED]?: ObserverRegistry[] }
shared[SHARED] ??= []
const offered = shared[SHARED]

/** The registry that a processor of this process records to; the newest, if there are several. */
export function activeRegistry(): ObserverRegistry | undefined {
  return offered[offered.length - 1]
}

/** Makes a processor's registry the one that new runs go to. @returns the function that takes it back. */
export function offerRegistry(registry: ObserverRegistry): () => void {
  offered.push(registry)
  return () => {
    const at = offered.lastIndexOf(registry)
    if (at >= 0) offered.splice(at, 1)
  }
}
