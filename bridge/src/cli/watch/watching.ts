import type { CommandIo } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import type { GivenFlags } from '../given-flags.ts'
import { stopSignals } from '../stop-signals.ts'
import { timeSpan } from './connection.ts'
import { Interrupted } from './failure.ts'
import { Notices } from './notices.ts'
import { Patience } from './patience.ts'

/** What a command has while it watches. */
export interface Watch {
  /** Fires with the reason for which it is to end. */
  readonly signal: AbortSignal
  readonly patience: Patience
  readonly notices: Notices
}

/** Does something that Ctrl-C and `--idle-timeout` end in good order, and a second Ctrl-C at once. */
export async function watching(
  given: GivenFlags,
  io: CommandIo,
  fn: (watch: Watch) => Promise<number>,
): Promise<number> {
  const abort = new AbortController()
  const { signal } = abort
  const patience = new Patience(timeSpan(given, 'idle-timeout'), abort)
  const notices = new Notices(given, io)
  const signals = stopSignals(() => process.exit(EXIT.interrupted))
  void signals.first.then(() => abort.abort(new Interrupted()))
  try {
    return await fn({ signal, patience, notices })
  } finally {
    patience.end()
    notices.end()
    signals.off()
  }
}
