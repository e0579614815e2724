import type { AgentObserver } from './agent-observer.ts'
import type { Entry } from './entry.ts'
import type { RunLimits } from './limits.ts'
import type { Watchdog } from './watchdog.ts'

/** What a registry shares with its observers. */
export interface ObserverOwner {
  /** Limits of its runs, checked already. */
  readonly limits: RunLimits
  readonly watchdog: Watchdog
  /** Whether anybody follows all of its runs. A plain field: it is asked at every event. */
  followed: boolean
  /** The buffer's estimated size changed by `bytes`. */
  grown(observer: AgentObserver, bytes: number): void
  /** `entry` is new; called in the order of `seq`. */
  appended(observer: AgentObserver, entry: Entry): void
  ended(observer: AgentObserver): void
  disposed(observer: AgentObserver, bytes: number): void
}
