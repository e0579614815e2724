// npm run bench [-- wrapper unknown latency ingest memory sse page scale expiry] [--rounds N] [--smoke]
import { parseArgs } from 'node:util'
import { benchExpiry } from './expiry.mjs'
import { benchIngest } from './ingest.mjs'
import { benchLatency } from './latency.mjs'
import { benchMemory } from './memory.mjs'
import { benchPage } from './page.mjs'
import { benchScale } from './scale.mjs'
import { benchSse } from './sse.mjs'
import { benchUnknownSpan } from './unknown-span.mjs'
import { benchWrapper } from './wrapper.mjs'

const SUITES = {
  wrapper: benchWrapper,
  unknown: benchUnknownSpan,
  latency: benchLatency,
  ingest: benchIngest,
  memory: benchMemory,
  sse: benchSse,
  page: benchPage,
  scale: benchScale,
  expiry: benchExpiry,
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, smoke: { type: 'boolean', default: false } },
})
// A smoke run shows that the figures can be taken; what it prints means nothing.
const { smoke } = values
const size = smoke
  ? { smoke, rounds: 1, blocks: 3 }
  : { smoke, rounds: Number(values.rounds), blocks: 150 }
const chosen = positionals.length > 0 ? positionals : Object.keys(SUITES)
for (const name of chosen) {
  const suite = SUITES[name]
  if (suite === undefined) {
    console.error(`Expected one of ${Object.keys(SUITES).join(', ')}, got ${name}.`)
    process.exit(2)
  }
  console.log(`${await suite(size)}\n`)
}
