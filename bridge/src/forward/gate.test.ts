import { expect, test } from 'vitest'
import { Backoff } from './backoff.ts'
import { Gate } from './gate.ts'
import { ManualClock } from './testing/manual-clock.ts'

function made(): { gate: Gate; clock: ManualClock; opened: () => number } {
  const clock = new ManualClock()
  const backoff = new Backoff({ baseMs: 100, capMs: 1000, random: () => 0.5 })
  let opened = 0
  const onOpen = (): void => {
    opened++
  }
  const gate = new Gate({ clock, backoff, maxInFlight: 4, keepsAlive: false, onOpen })
  return { gate, clock, opened: () => opened }
}

function fail(gate: Gate, times: number): void {
  for (let i = 0; i < times; i++) gate.failed()
}

test('a few may be in flight while all is well', () => {
  const { gate } = made()

  expect([0, 3, 4].map((inFlight) => gate.admits(inFlight))).toEqual([true, true, false])
})

test('a failure or two, perhaps of one bad request, stop nobody else', () => {
  const { gate } = made()

  fail(gate, 2)

  expect(gate.isDown).toBe(false)
  expect(gate.admits(3)).toBe(true)
})

test('after three in a row it pauses, then lets one probe out at a time, with growing pauses up to the cap', () => {
  const { gate, clock, opened } = made()
  const pauses: number[] = []

  fail(gate, 3)
  for (let round = 1; round <= 6; round++) {
    expect(gate.admits(0)).toBe(false)
    pauses.push(...clock.delays)
    clock.advance(1000)
    expect(opened()).toBe(round)
    expect([gate.admits(0), gate.admits(1)]).toEqual([true, false])
    gate.failed()
  }

  expect(pauses).toEqual([50, 100, 200, 400, 500, 500])
})

test('those that were in flight when it began to pause do not make the pause longer', () => {
  const { gate, clock } = made()

  fail(gate, 8)

  expect(clock.delays).toEqual([50])
})

test('the first answer ends the pause and lets all out again', () => {
  const { gate, clock } = made()
  fail(gate, 3)

  expect(gate.succeeded()).toBe(true)

  expect(gate.admits(3)).toBe(true)
  expect(clock.delays).toEqual([])
  fail(gate, 3)
  expect(clock.delays).toEqual([50])
})

test('a pause that the upstream asked for holds from the first failure, whatever it answers meanwhile', () => {
  const { gate, clock } = made()

  gate.failed(5000)
  gate.succeeded()

  clock.advance(4999)
  expect(gate.admits(0)).toBe(false)
  clock.advance(1)
  expect(gate.admits(3)).toBe(true)
})

test('a longer wait replaces a shorter one, not the other way round', () => {
  const { gate, clock } = made()

  gate.failed(2000)
  gate.failed(5000)
  gate.failed(1000)

  expect(clock.delays).toEqual([5000])
})

test('an upstream that asks for no wait at all is not hammered', () => {
  const { gate, clock } = made()

  gate.failed(0)

  expect(gate.admits(0)).toBe(false)
  expect(clock.delays).toEqual([50])
})

test('one that is shut stays shut', () => {
  const { gate, clock } = made()
  gate.failed(2000)

  gate.shut()
  gate.hurry()
  gate.succeeded()
  clock.advance(10_000)

  expect(gate.admits(0)).toBe(false)
})
