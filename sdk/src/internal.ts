/** What the bridge builds on. No promise is made about these names: they may change with any release. */
export { activeRegistry } from './context/active-registry.ts'
export type { EntryListener } from './observer/agent-observer.ts'
export type { Entry } from './observer/entry.ts'
export type { Gap } from './observer/event-log.ts'
export { DEFAULT_RUN_LIMITS, runLimits } from './observer/limits.ts'
export type { RegistryListener } from './observer/observer-registry.ts'
export { isRandomId } from './observer/random-id.ts'
