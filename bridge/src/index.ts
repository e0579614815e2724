export { type Bridge, createBridge } from './create-bridge.ts'
export {
  BRIDGE_ERROR_CODES,
  BridgeError,
  type BridgeErrorCode,
  type BridgeErrorOptions,
} from './errors.ts'
export type { Listening } from './listener.ts'
export type { BridgeLimits, BridgeNotice, BridgeOptions, TrustProxy } from './options.ts'
export type { RedisStoreOptions } from './store/redis/options.ts'
export { type RedisStore, redisStore } from './store/redis/redis-store.ts'
export type {
  FeedEntry,
  FeedListener,
  ListQuery,
  RunFeed,
  RunPage,
  RunStore,
} from './store/run-store.ts'
export type {
  WorkflowDefinition,
  WorkflowFunction,
  WorkflowRun,
  Workflows,
} from './workflows/workflow.ts'
