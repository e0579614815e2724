import { expect, test } from 'vitest'
import { inSlices } from './slices.ts'

/** Work of some pauses, each after so many milliseconds of it. */
function* work(pauses: number, ms: number): Generator<void, string> {
  for (let i = 0; i < pauses; i++) {
    const until = performance.now() + ms
    while (performance.now() < until);
    yield
  }
  return 'done'
}

test('long work lets others have their turn before it is done', async () => {
  const told: string[] = []
  setImmediate(() => told.push('other'))

  told.push(await inSlices(work(3, 6)))

  expect(told).toEqual(['other', 'done'])
})
