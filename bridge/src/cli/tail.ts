import type { Client } from '@spancast/sdk/client'
import type { Command } from './command.ts'
import type { GivenFlags } from './given-flags.ts'
import { UsageError } from './usage-error.ts'
import { CONNECTION_FLAGS, connect, wholeNumber } from './watch/connection.ts'
import { FOLLOW_FLAGS, followRun, TELLING_FLAGS } from './watch/follow-run.ts'
import { watching } from './watch/watching.ts'
import { whichRun } from './watch/which-run.ts'

/** `spancast tail`: a run from its beginning, then live, to its end. */
export const tail: Command = {
  name: 'tail',
  summary: 'Shows a run from its beginning, then live, and ends with it',
  details: [
    'Data goes to stdout, notices to stderr. A connection that is lost is got back, and nothing is told twice.\nExit codes: 0 the run is over, 3 there is no such run, 4 not allowed, 5 no bridge or lost, 130 interrupted.',
  ],
  operands: [{ name: 'randomId|latest' }],
  groups: [
    {
      title: 'What',
      flags: [
        {
          name: 'after',
          value: '<id>',
          doc: 'Begins after this event: an id of the stream, or its number.',
        },
        { name: 'last', value: '<number>', doc: 'Begins with the last events that there are now.' },
        {
          name: 'follow',
          doc: 'Stays until the run is over. Default; --no-follow tells what there is now.',
        },
      ],
    },
    { title: 'How', flags: TELLING_FLAGS },
    { title: 'Exit code', flags: FOLLOW_FLAGS },
    { title: 'Where', flags: CONNECTION_FLAGS },
  ],
  run: (given, io) =>
    watching(given, io, async (watch) => {
      const { signal, notices } = watch
      const { client } = await connect(given, io)
      const follow = given.switched('follow') !== false
      const waiting = follow ? () => notices.say('waiting for the first run') : undefined
      const choice = { client, signal, waiting }
      const randomId = await whichRun(given.operands[0] ?? '', choice)
      const after = await beginning(client, randomId, given)
      return followRun({ client, randomId, after, follow }, watch, given, io)
    }),
}

async function beginning(
  client: Client,
  randomId: string,
  given: GivenFlags,
): Promise<string | undefined> {
  const after = given.value('after')
  const last = wholeNumber(given, 'last')
  if (last === undefined) return after
  if (after !== undefined) throw new UsageError('Expected --after or --last, got both.')
  const { epoch, lastSeq } = await client.getRun(randomId)
  return `${epoch}.${Math.max(0, lastSeq - last)}`
}
