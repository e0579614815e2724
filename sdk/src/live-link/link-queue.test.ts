import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AgentObserver } from '../observer/agent-observer.ts'
import { Entry } from '../observer/entry.ts'
import { LinkQueue } from './link-queue.ts'
import { LinkRun } from './link-run.ts'

const MAX_EVENTS = 6
const MAX_BYTES = 1000

type Step =
  | { readonly does: 'push'; readonly run: number; readonly chunk: boolean; readonly bytes: number }
  | { readonly does: 'take' | 'delivered' | 'putBack' | 'lose' }

const steps = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        does: fc.constant('push' as const),
        run: fc.nat(1),
        chunk: fc.boolean(),
        bytes: fc.integer({ min: 1, max: 400 }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        does: fc.constantFrom<'take' | 'delivered' | 'putBack' | 'lose'>(
          'take',
          'take',
          'delivered',
          'putBack',
          'lose',
        ),
      }),
    },
  ),
  { maxLength: 60 },
)

/** The same in the plainest way: one list, searched from the front. */
class Model {
  waiting: Entry[] = []
  underway: Entry[] = []
  lostEvents = 0
  lostChunks = 0

  count(entry: Entry): void {
    if (entry.type === 'agent.chunk') this.lostChunks++
    else this.lostEvents++
  }

  trim(): void {
    const sum = (): number =>
      [...this.waiting, ...this.underway].reduce((bytes, entry) => bytes + entry.bytes, 0)
    const isOver = (): boolean =>
      this.waiting.length + this.underway.length > MAX_EVENTS || sum() > MAX_BYTES
    while (isOver() && this.waiting.length > 0) {
      const chunk = this.waiting.findIndex(({ type }) => type === 'agent.chunk')
      const [victim] = this.waiting.splice(Math.max(0, chunk), 1)
      if (victim !== undefined) this.count(victim)
    }
  }
}

test('events come out in order, chunks are lost first, and the limits hold, whatever happens', () => {
  fc.assert(
    fc.property(steps, (all: readonly Step[]) => {
      const queue = new LinkQueue({ maxLinkBytes: MAX_BYTES, maxLinkEvents: MAX_EVENTS })
      const runs = [0, 1].map(() => new LinkRun(new AgentObserver(), 'link'))
      const model = new Model()
      let seq = 0
      for (const step of all) {
        switch (step.does) {
          case 'push': {
            const type = step.chunk ? 'agent.chunk' : 'agent.event'
            const entry = new Entry(++seq, type, step.bytes, { build: () => never() })
            const run = runs[step.run]
            if (run !== undefined) queue.push(run, entry)
            model.waiting.push(entry)
            model.trim()
            break
          }
          case 'take': {
            const entry = model.waiting.shift()
            expect(queue.take()?.entry).toBe(entry)
            if (entry !== undefined) model.underway.push(entry)
            break
          }
          case 'delivered':
            expect(queue.delivered()).toBe(model.underway.length)
            model.underway = []
            break
          case 'putBack':
            queue.putBack()
            model.waiting = [...model.underway, ...model.waiting]
            model.underway = []
            model.trim()
            break
          case 'lose':
            queue.lose()
            for (const entry of model.underway) model.count(entry)
            model.underway = []
        }
        expect(queue.waiting).toBe(model.waiting.length)
        expect(queue).toMatchObject({ lostEvents: model.lostEvents, lostChunks: model.lostChunks })
        const waiting = runs.reduce((sum, run) => sum + run.waiting, 0)
        expect(waiting).toBe(model.waiting.length + model.underway.length)
      }
    }),
  )
})

function never(): never {
  throw new Error('nobody reads')
}
