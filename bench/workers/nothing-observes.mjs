// What a wrapped call adds to a plain one when there is no provider.
import { observe } from '@spancast/sdk'
import { median } from '../lib/figures.mjs'

let count = 0
const plain = (a, b) => {
  count += a ^ b
  return count
}
const wrapped = observe(plain, { name: 'plain' })
const N = 200_000

function time(fn) {
  const started = process.hrtime.bigint()
  for (let i = 0; i < N; i++) fn(i, 7)
  return Number(process.hrtime.bigint() - started) / N
}

const added = []
for (let i = 0; i < 60; i++) {
  const before = time(plain)
  const difference = time(wrapped) - before
  if (i >= 10) added.push(difference)
}
process.stdout.write(JSON.stringify({ addedNs: median(added), count }))
