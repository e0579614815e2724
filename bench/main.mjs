// npm run bench [-- wrapper | sse | memory | latency] [--rounds N]
import { parseArgs } from 'node:util'
import { benchWrapper } from './wrapper.mjs'

const SUITES = { wrapper: benchWrapper }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' } },
})
const chosen = positionals.length > 0 ? positionals : Object.keys(SUITES)
for (const name of chosen) {
  const suite = SUITES[name]
  if (suite === undefined) {
    console.error(`Expected one of ${Object.keys(SUITES).join(', ')}, got ${name}.`)
    process.exit(2)
  }
  console.log(`${await suite({ rounds: Number(values.rounds) })}\n`)
}
