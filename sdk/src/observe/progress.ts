import type { ObservedCall } from './observed-call.ts'

/** How a call is told that it goes on: the part of `ObservedCall` that whoever watches a result needs. */
export type CallProgress = Pick<
  ObservedCall,
  'context' | 'startClock' | 'chunk' | 'end' | 'fail' | 'drop'
>
