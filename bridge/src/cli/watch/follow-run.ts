import { type Client, isOver } from '@spancast/sdk/client'
import type { CommandIo, Flag } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import type { GivenFlags } from '../given-flags.ts'
import { COLOR_CHOICES } from './screen.ts'
import { ONLY_VALUES } from './selection.ts'
import { RunTeller } from './teller.ts'
import type { Watch } from './watching.ts'

/** The flags of commands that write a run. */
export const TELLING_FLAGS: readonly Flag[] = [
  { name: 'json', doc: 'The events as they are, one JSON record a line.' },
  { name: 'text', doc: 'Nothing but the streamed text.' },
  { name: 'only', value: '<kinds>', doc: `Only these events, such as tool,error: ${ONLY_VALUES}.` },
  {
    name: 'color',
    value: COLOR_CHOICES.join('|'),
    doc: 'Whether to use colours.',
    default: 'auto',
  },
  { name: 'raw', doc: 'Leaves terminal escapes in what agents say.' },
  { name: 'quiet', doc: 'Says nothing on stderr but errors.' },
]

/** The flags of commands that follow a run to its end. */
export const FOLLOW_FLAGS: readonly Flag[] = [
  { name: 'exit-status', doc: 'Exit code 1 if the run did not end well.' },
  { name: 'fail-on-gap', doc: 'Exit code 6 if events are missing.' },
  {
    name: 'idle-timeout',
    value: '<time>',
    doc: 'Exit code 7 if nothing comes for so long, such as 30s.',
  },
]

export interface Following {
  readonly client: Client
  readonly randomId: string
  readonly after?: string | undefined
  /** Whether to stay until the run is over. */
  readonly follow: boolean
}

/** Writes a run from where it is to be, to its end or to what there is now. @returns The exit code. */
export async function followRun(
  { client, randomId, after, follow }: Following,
  { signal, patience, notices }: Watch,
  given: GivenFlags,
  io: CommandIo,
): Promise<number> {
  const teller = new RunTeller(given, io, randomId)
  const from = { signal, ...(after !== undefined && { after }) }
  const stream = follow
    ? client.events(randomId, { onConnection: notices.connection, ...from })
    : undefined
  try {
    for await (const record of stream ?? client.export(randomId, from)) {
      patience.renew()
      if (record.type === 'stream.gap') notices.say(await teller.gap(record))
      else if (record.type !== 'stream.end') await teller.event(record)
    }
  } finally {
    await teller.end(stream?.ended)
  }
  const { status } = teller.state.run
  const failed = isOver(status) && status !== 'ok'
  if (failed && given.switched('exit-status') === true) return EXIT.failed
  return given.switched('fail-on-gap') === true && teller.gaps > 0 ? EXIT.gap : EXIT.ok
}
