import { chaos } from './chaos.ts'

// npm run chaos [-- <first seed> [<how often>]]: 20 times, each with another seed, until one fails.
const first = Number(process.argv[2] ?? 1)
const times = Number(process.argv[3] ?? 20)
for (let seed = first; seed < first + times; seed++) {
  const report = await chaos({
    seed,
    bridges: 3,
    runs: Number(process.env.SPANCAST_CHAOS_RUNS ?? 200),
    readers: Number(process.env.SPANCAST_CHAOS_READERS ?? 2000),
    events: 30,
    limitMs: Number(process.env.SPANCAST_CHAOS_LIMIT_MS ?? 300_000),
  })
  const { wrong, ...figures } = report
  process.stdout.write(`${JSON.stringify(figures)}\n`)
  for (const line of wrong.slice(0, 40)) process.stdout.write(`  ${line}\n`)
  if (wrong.length > 0) process.exit(1)
}
process.exit(0)
