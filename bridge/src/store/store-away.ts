import { BridgeError } from '../errors.ts'

const RETRY_AFTER_SECONDS = 1

/** The store cannot be asked now; it will be back. */
export function storeAway(cause?: unknown): BridgeError {
  return new BridgeError('store-away', 'The store that runs live in does not answer. Try again.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    ...(cause !== undefined && { cause }),
  })
}

export function isStoreAway(error: unknown): boolean {
  return error instanceof BridgeError && error.code === 'store-away'
}
