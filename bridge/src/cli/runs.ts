import type { RunSummary } from '@spancast/sdk'
import type { Command } from './command.ts'
import { EXIT } from './exit-code.ts'
import type { Color } from './paint.ts'
import { UsageError } from './usage-error.ts'
import { jsonLine } from './watch/clean.ts'
import { CONNECTION_FLAGS, connect, wholeNumber } from './watch/connection.ts'
import { count, dollars, elapsed, timeOfDay } from './watch/figures.ts'
import { Brush, COLOR_CHOICES, lookOf, Pen } from './watch/screen.ts'
import { watching } from './watch/watching.ts'

const STATUSES = ['running', 'ok', 'error', 'cancelled', 'abandoned'] as const
const COLORS: Readonly<Record<RunSummary['status'], Color>> = {
  running: 'blue',
  ok: 'green',
  error: 'red',
  cancelled: 'yellow',
  abandoned: 'yellow',
}
const MAX_LIMIT = 200
const MAX_NAME = 28

/** `spancast runs`: the runs that the bridge knows. */
export const runs: Command = {
  name: 'runs',
  summary: 'Lists the runs that the bridge knows, newest first',
  details: [],
  groups: [
    {
      title: 'Flags',
      flags: [
        { name: 'status', value: STATUSES.join('|'), doc: 'Only runs of this status.' },
        { name: 'limit', value: '<number>', doc: `How many, ${MAX_LIMIT} at most.`, default: '20' },
        { name: 'json', doc: 'The summaries, one JSON record a line.' },
        {
          name: 'color',
          value: COLOR_CHOICES.join('|'),
          doc: 'Whether to use colours.',
          default: 'auto',
        },
        { name: 'quiet', doc: 'Says nothing on stderr but errors.' },
      ],
    },
    { title: 'Where', flags: CONNECTION_FLAGS },
  ],
  run: (given, io) =>
    watching(given, io, async ({ signal, notices }) => {
      const status = STATUSES.find((one) => one === given.value('status'))
      if (status === undefined && given.value('status') !== undefined) {
        const expected = `Expected --status to be one of ${STATUSES.join(', ')}`
        throw new UsageError(`${expected}, got '${given.value('status')}'.`)
      }
      const limit = wholeNumber(given, 'limit') ?? 20
      if (limit < 1 || limit > MAX_LIMIT) {
        throw new UsageError(`Expected --limit to be from 1 to ${MAX_LIMIT}, got '${limit}'.`)
      }
      const brush = new Brush(lookOf(given, io, io.stdout))
      const pen = new Pen(io.stdout, false)
      const { client, url } = await connect(given, io)
      const page = await client.listRuns({ limit, signal, ...(status !== undefined && { status }) })
      if (given.switched('json') === true) {
        for (const run of page.runs) await pen.write(jsonLine(run))
        return EXIT.ok
      }
      if (page.runs.length === 0) notices.say(`no runs at ${url}`)
      else for (const line of tableOf(page.runs, brush, pen)) await pen.write(`${line}\n`)
      if (page.next !== null) notices.say(`there are more: --limit ${MAX_LIMIT}`)
      return EXIT.ok
    }),
}

function tableOf(all: readonly RunSummary[], brush: Brush, pen: Pen): string[] {
  const head = ['STATUS', 'STARTED', 'DURATION', 'STEPS', 'ERRORS', 'TOKENS', 'COST', 'NAME', 'RUN']
  const rows = [head, ...all.map((run) => cellsOf(run, pen))].map((row) =>
    row.map((cell) => brush.fit(cell)),
  )
  const widths = head.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows.map((row, line) => {
    const cells = row.map((cell, at) =>
      at > 1 && at < 7 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
    )
    const run = all[line - 1]
    const [status = '', ...rest] = cells
    const painted = brush.paint(run === undefined ? 'gray' : COLORS[run.status], status)
    const others = rest.join('  ').trimEnd()
    return `${painted}  ${run === undefined ? brush.paint('gray', others) : others}`
  })
}

function cellsOf(run: RunSummary, pen: Pen): string[] {
  const { status, startedAt, duration, lastSeenAt, tokenUsage } = run
  return [
    status,
    timeOfDay(startedAt).slice(0, 8),
    elapsed(duration ?? Math.max(0, lastSeenAt - startedAt)),
    count(run.steps),
    count(run.errors),
    count(tokenUsage.totalTokens),
    dollars(run).replace(/ \(.*/, ''),
    pen.line(run.name, MAX_NAME),
    run.randomId,
  ]
}
