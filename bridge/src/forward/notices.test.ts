import { expect, test } from 'vitest'
import { type ForwardNotice, Notices } from './notices.ts'
import { ManualClock } from './testing/manual-clock.ts'

const AWAY = { type: 'upstream.unreachable', message: '', reason: 'x', queuedRequests: 1 } as const
const BACK = { type: 'upstream.back', message: '', queuedRequests: 1 } as const
const FULL = { type: 'queue.full', message: '', queuedBytes: 1 } as const

function made(): { notices: Notices; clock: ManualClock; told: () => string[] } {
  const clock = new ManualClock()
  const heard: ForwardNotice[] = []
  const notices = new Notices((notice) => heard.push(notice), 60_000, clock)
  return { notices, clock, told: () => heard.splice(0).map(({ type }) => type) }
}

test('a notice that comes again and again is told once in a while', () => {
  const { notices, clock, told } = made()

  for (let second = 0; second < 121; second++) {
    notices.tell(FULL)
    clock.advance(1000)
  }

  expect(told()).toEqual(['queue.full', 'queue.full', 'queue.full'])
})

test('one kind does not silence another', () => {
  const { notices, told } = made()

  notices.tell(FULL)
  notices.tell(AWAY)

  expect(told()).toEqual(['queue.full', 'upstream.unreachable'])
})

test('the last word is true, however fast the upstream comes and goes', () => {
  const { notices, clock, told } = made()

  for (let i = 0; i < 10; i++) {
    notices.tell(AWAY)
    notices.tell(BACK)
  }
  expect(told()).toEqual(['upstream.unreachable', 'upstream.back'])

  notices.tell(AWAY)
  clock.advance(60_000)
  notices.tell(AWAY)
  expect(told()).toEqual(['upstream.unreachable'])
})

test('a clock that was set back does not silence for long', () => {
  const { notices, clock, told } = made()
  notices.tell(FULL)

  clock.advance(-3_600_000)
  notices.tell(FULL)

  expect(told()).toHaveLength(2)
})
