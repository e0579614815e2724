import { BridgeError } from '../errors.ts'
import type { RunStore } from '../store/run-store.ts'

/** Why a run that was asked for is not there: it never was, or it was let go. */
export async function missingRun(store: RunStore, randomId: string): Promise<BridgeError> {
  if (await store.wasDisposed(randomId)) {
    const detail = `Run ${randomId} was here and was let go.`
    return new BridgeError('run-gone', detail, { extra: { randomId } })
  }
  const detail = `No run ${randomId} is known here.`
  return new BridgeError('run-not-found', detail, { extra: { randomId } })
}
