import { initialState, reduce } from '@spancast/sdk/client'
import type { Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { jsonLine } from './watch/clean.ts'
import { CONNECTION_FLAGS, connect } from './watch/connection.ts'
import { Brush, COLOR_CHOICES, lookOf, Pen } from './watch/screen.ts'
import { treeOf } from './watch/tree.ts'
import { watching } from './watch/watching.ts'
import { whichRun } from './watch/which-run.ts'

/** `spancast show`: a run as a tree, with its totals. */
export const show: Command = {
  name: 'show',
  summary: 'Shows what is known of a run now: its totals, and its steps as a tree',
  details: [],
  operands: [{ name: 'randomId|latest' }],
  groups: [
    {
      title: 'Flags',
      flags: [
        { name: 'json', doc: 'The summary as one JSON record.' },
        {
          name: 'color',
          value: COLOR_CHOICES.join('|'),
          doc: 'Whether to use colours.',
          default: 'auto',
        },
        { name: 'raw', doc: 'Leaves terminal escapes in what agents say.' },
        { name: 'exit-status', doc: 'Exit code 1 if the run did not end well.' },
      ],
    },
    { title: 'Where', flags: CONNECTION_FLAGS },
  ],
  run: (given, io) =>
    watching(given, io, async ({ signal }) => {
      const brush = new Brush(lookOf(given, io, io.stdout))
      const pen = new Pen(io.stdout, given.switched('raw') === true)
      const { client } = await connect(given, io)
      const randomId = await whichRun(given.operands[0] ?? '', { client, signal })
      const summary = await client.getRun(randomId, { signal })
      if (given.switched('json') === true) await pen.write(jsonLine(summary))
      else {
        let state = initialState(randomId)
        for await (const record of client.export(randomId, { signal }))
          state = reduce(state, record)
        for (const line of treeOf(state, summary, brush, pen)) await pen.write(line)
      }
      const failed = summary.status !== 'ok' && summary.status !== 'running'
      return failed && given.switched('exit-status') === true ? EXIT.failed : EXIT.ok
    }),
}
