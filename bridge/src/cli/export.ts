import type { Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import { jsonLine } from './watch/clean.ts'
import { CONNECTION_FLAGS, connect } from './watch/connection.ts'
import { Pen } from './watch/screen.ts'
import { watching } from './watch/watching.ts'
import { whichRun } from './watch/which-run.ts'

/** `spancast export`: what the bridge keeps of a run, as records. */
export const exportRun: Command = {
  name: 'export',
  summary: 'Writes what the bridge keeps of a run, one JSON record a line',
  details: ['What is missing is told by a stream.gap record at its place.'],
  operands: [{ name: 'randomId|latest' }],
  groups: [
    {
      title: 'Flags',
      flags: [
        {
          name: 'after',
          value: '<id>',
          doc: 'Begins after this event: an id of the stream, or its number.',
        },
        { name: 'fail-on-gap', doc: 'Exit code 6 if events are missing.' },
        { name: 'quiet', doc: 'Says nothing on stderr but errors.' },
      ],
    },
    { title: 'Where', flags: CONNECTION_FLAGS },
  ],
  run: (given, io) =>
    watching(given, io, async ({ signal, notices }) => {
      const { client } = await connect(given, io)
      const randomId = await whichRun(given.operands[0] ?? '', { client, signal })
      const after = given.value('after')
      const pen = new Pen(io.stdout, true)
      let gaps = 0
      const records = client.export(randomId, { signal, ...(after !== undefined && { after }) })
      for await (const record of records) {
        if (record.type === 'stream.gap') gaps++
        await pen.write(jsonLine(record))
      }
      if (gaps > 0) notices.say('events are missing: see the stream.gap records')
      return gaps > 0 && given.switched('fail-on-gap') === true ? EXIT.gap : EXIT.ok
    }),
}
