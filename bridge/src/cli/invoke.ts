import { text } from 'node:stream/consumers'
import type { Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { UsageError } from './usage-error.ts'
import { CONNECTION_FLAGS, connect } from './watch/connection.ts'
import { FOLLOW_FLAGS, followRun, TELLING_FLAGS } from './watch/follow-run.ts'
import { watching } from './watch/watching.ts'

/** `spancast invoke`: starts a workflow of the bridge and shows its run. */
export const invoke: Command = {
  name: 'invoke',
  summary: 'Starts a workflow that is registered at the bridge, and shows its run',
  details: [
    'The input is JSON, or - to read it from stdin; a text needs its quotes: \'"why?"\'. The run goes on if this\nprogram is interrupted.',
  ],
  operands: [{ name: 'workflow' }, { name: 'json', optional: true }],
  groups: [
    {
      title: 'What',
      flags: [
        { name: 'random-id', value: '<id>', doc: 'Id of the run. Default: the bridge makes one.' },
        { name: 'detach', doc: 'Prints the id of the run and leaves it to itself.' },
      ],
    },
    { title: 'How', flags: TELLING_FLAGS },
    { title: 'Exit code', flags: FOLLOW_FLAGS },
    { title: 'Where', flags: CONNECTION_FLAGS },
  ],
  run: (given, io) =>
    watching(given, io, async (watch) => {
      const { signal, notices } = watch
      const [workflow = '', json] = given.operands
      const input = inputIn(json === '-' ? await text(process.stdin) : json)
      const { client } = await connect(given, io)
      const id = given.value('random-id')
      const own = id === undefined ? {} : { randomId: id }
      const { randomId } = await client.invoke(workflow, input, { signal, ...own })
      if (given.switched('detach') === true) {
        io.stdout.write(`${randomId}\n`)
        return EXIT.ok
      }
      signal.addEventListener('abort', () => {
        notices.say(`the run goes on, see: spancast tail ${randomId}`)
      })
      return followRun({ client, randomId, follow: true }, watch, given, io)
    }),
}

/** @throws UsageError for what is no JSON. */
function inputIn(json: string | undefined): unknown {
  if (json === undefined) return undefined
  try {
    return JSON.parse(json)
  } catch (cause) {
    const advice = `Give a text in quotes: '${JSON.stringify(json)}'.`
    throw new UsageError(`Expected the input to be JSON, got '${json.slice(0, 60)}'. ${advice}`, {
      cause,
    })
  }
}
