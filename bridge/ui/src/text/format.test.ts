import { expect, test } from 'vitest'
import { bytes, counted, dollars, duration, running, tick, tokens } from './format.ts'

test.each([
  [0, '0 ms'],
  [0.44, '0.4 ms'],
  [240.4, '240 ms'],
  [999.6, '1.00 s'],
  [1190, '1.19 s'],
  [59_990, '59.99 s'],
  [59_996, '1 m 00 s'],
  [3_725_000, '1 h 02 m'],
  [-5, '−5 ms'],
  [Number.NaN, '—'],
])('%d ms took %s', (ms, text) => {
  expect(duration(ms)).toBe(text)
})

test.each([
  [-20, '0.0 s'],
  [8449, '8.4 s'],
  [59_960, '1 m 00 s'],
  [125_000, '2 m 05 s'],
])('what has run for %d ms runs for %s', (ms, text) => {
  expect(running(ms)).toBe(text)
})

test.each([
  [0, '$0'],
  [0.00001, '< $0.0001'],
  [0.0123, '$0.0123'],
  [12.345, '$12.35'],
])('%d dollars are %s', (usd, text) => {
  expect(dollars(usd)).toBe(text)
})

test('marks are as precise as the steps between them', () => {
  expect([tick(0, 500), tick(500, 500), tick(1500, 500)]).toEqual(['0 s', '0.5 s', '1.5 s'])
  expect([tick(20, 10), tick(1250, 10)]).toEqual(['20 ms', '1.25 s'])
  expect([tick(5000, 1000), tick(90_000, 30_000)]).toEqual(['5 s', '1 m 30 s'])
})

test('counts, sizes and tokens read as people write them', () => {
  const usage = { inputTokens: 1522, outputTokens: 640, totalTokens: 2162 }

  expect(counted(1, 'step')).toBe('1 step')
  expect(counted(1200, 'step')).toBe('1,200 steps')
  expect([bytes(12), bytes(318_400), bytes(2_400_000)]).toEqual(['12 B', '318 kB', '2.4 MB'])
  expect(tokens(usage)).toBe('1,522 → 640 tokens')
  expect(tokens({ ...usage, cacheReadTokens: 900 })).toBe('1,522 → 640 tokens (900 cached)')
})
