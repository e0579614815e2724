import fc from 'fast-check'
import { expect, test } from 'vitest'
import { costOf, Queue, type Queued } from './queue.ts'

interface Real {
  readonly queue: Queue<Queued>
}
interface Model {
  clock: number
  readonly admitted: Queued[]
  readonly waiting: Queued[]
  readonly taken: Queued[]
  /** Admitted, and not yet to be handed out. */
  readonly stored: Queued[]
}
type Step = fc.Command<Model, Real>

const MAX_BYTES = 10_000

function step(
  name: string,
  check: (model: Model) => boolean,
  run: (model: Model, queue: Queue<Queued>) => void,
): Step {
  return {
    check,
    run: (model, { queue }) => {
      run(model, queue)
      expect(queue.size).toBe(model.admitted.length)
      expect(queue.bytes).toBe(model.admitted.reduce((sum, { cost }) => sum + cost, 0))
      expect(queue.oldestAt).toBe(model.admitted[0]?.acceptedAt)
      expect(queue.bytes).toBeLessThanOrEqual(MAX_BYTES)
    },
    toString: () => name,
  }
}

function without(list: Queued[], item: Queued): void {
  list.splice(list.indexOf(item), 1)
}

const steps = [
  fc.nat(6000).map((bytes) =>
    step(
      `admit ${bytes}`,
      () => true,
      (model, queue) => {
        const cost = costOf(bytes)
        const fits = model.admitted.reduce((sum, item) => sum + item.cost, cost) <= MAX_BYTES
        expect(queue.hasRoom(cost)).toBe(fits)
        if (!fits) return
        const item = { cost, acceptedAt: model.clock++ }
        model.admitted.push(item)
        model.stored.push(item)
        queue.admit(item)
      },
    ),
  ),
  fc.nat().map((pick) =>
    step(
      'push',
      ({ stored }) => stored.length > 0,
      (model, queue) => {
        const [item] = model.stored.splice(pick % model.stored.length, 1)
        if (item === undefined) return
        model.waiting.push(item)
        queue.push(item)
      },
    ),
  ),
  fc.constant(
    step(
      'take',
      () => true,
      (model, queue) => {
        const expected = model.waiting.shift()
        expect(queue.take()).toBe(expected)
        if (expected !== undefined) model.taken.push(expected)
      },
    ),
  ),
  fc.nat().map((pick) =>
    step(
      'push back',
      ({ taken }) => taken.length > 0,
      (model, queue) => {
        const [item] = model.taken.splice(pick % model.taken.length, 1)
        if (item === undefined) return
        model.waiting.push(item)
        queue.push(item)
      },
    ),
  ),
  fc.nat().map((pick) =>
    step(
      'remove',
      ({ taken, stored }) => taken.length + stored.length > 0,
      (model, queue) => {
        const gone = [...model.taken, ...model.stored]
        const item = gone[pick % gone.length]
        if (item === undefined) return
        without(model.taken.includes(item) ? model.taken : model.stored, item)
        without(model.admitted, item)
        queue.remove(item)
        queue.remove(item)
      },
    ),
  ),
]

test('in any order of steps, count, bytes and age are those of a plain list, and the first in is the first out', () => {
  fc.assert(
    fc.property(fc.commands(steps, { maxCommands: 200 }), (commands) => {
      const model: Model = { clock: 1, admitted: [], waiting: [], taken: [], stored: [] }

      fc.modelRun(() => ({ model, real: { queue: new Queue(MAX_BYTES) } }), commands)
    }),
    { numRuns: 200 },
  )
})

test('empty requests are bounded too', () => {
  expect(costOf(0)).toBe(1024)
  expect(costOf(1025)).toBe(1025)
})

test('a request as large as the queue fits when it is empty', () => {
  expect(new Queue(MAX_BYTES).hasRoom(MAX_BYTES)).toBe(true)
})
