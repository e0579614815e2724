import { afterEach, beforeEach, vi } from 'vitest'
import { type Collecting, startCollecting, T0 } from './collecting.ts'

/** A collector of its own for each test of the file, where time stands still a minute after `T0`. */
export function collectingEachTest(): Collecting {
  let current: Collecting
  beforeEach(() => {
    vi.useFakeTimers({ now: T0 + 60_000 })
    current = startCollecting()
  })
  afterEach(() => {
    current.registry.dispose()
    vi.useRealTimers()
  })
  return {
    get registry() {
      return current.registry
    },
    get collector() {
      return current.collector
    },
    send: (...spans) => current.send(...spans),
    link: (...records) => current.link(...records),
    events: (randomId) => current.events(randomId),
  }
}
