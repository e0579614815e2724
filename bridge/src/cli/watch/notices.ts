import type { Connection } from '@spancast/sdk/client'
import type { CommandIo } from '../command.ts'
import type { GivenFlags } from '../given-flags.ts'
import { clean } from './clean.ts'
import { elapsed } from './figures.ts'

const SLOW_MS = 1000

/** What is said beside the data, on stderr; nothing with `--quiet`. */
export class Notices {
  readonly #io: CommandIo
  readonly #quiet: boolean
  #lost = false
  #slow: NodeJS.Timeout | undefined

  constructor(given: GivenFlags, io: CommandIo) {
    this.#io = io
    this.#quiet = given.switched('quiet') === true
  }

  say(text: string): void {
    if (!this.#quiet) this.#io.stderr.write(`spancast: ${clean(text)}\n`)
  }

  /** Tells when a connection takes its time, when it is lost and when it is there again. */
  readonly connection = (connection: Connection): void => {
    clearTimeout(this.#slow)
    if (connection.state === 'connecting') {
      // A bridge answers at once, unless it has not heard of the run.
      this.#slow = setTimeout(() => this.say('waiting for the run to begin'), SLOW_MS)
    } else if (connection.state === 'reconnecting') {
      this.#lost = true
      const wait = elapsed(Math.max(0, connection.nextAt - Date.now()))
      this.say(`connection lost, try ${connection.attempt} in ${wait}`)
    } else if (connection.state === 'open' && this.#lost) {
      this.#lost = false
      this.say('connected again')
    }
  }

  /** Nothing is to be said any more. */
  end(): void {
    clearTimeout(this.#slow)
  }
}
