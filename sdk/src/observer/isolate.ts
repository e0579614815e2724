import { sayOnce } from '../say-once.ts'

/** Runs what a user gave us. What it throws stops here and is said once a process. */
export function isolate(what: string, run: () => void): void {
  try {
    run()
  } catch (error) {
    callbackFailed(what, error)
  }
}

/** Says, once a process, that something a user gave us has thrown. */
export function callbackFailed(what: string, error: unknown): void {
  const reason = error instanceof Error ? error.message : typeof error
  sayOnce('SPANCAST_CALLBACK_FAILED', `A ${what} threw: ${reason}. Spancast goes on without it.`)
}
