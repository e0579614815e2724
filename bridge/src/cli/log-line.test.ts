import { expect, test } from 'vitest'
import { logLine } from './log-line.ts'

const RECORD = { level: 'warn', time: '2026-02-03T04:05:06.789Z', msg: 'The queue is full.' }

test('a record is one line: time of day, level, sentence and the rest', () => {
  const line = logLine({ ...RECORD, queuedBytes: 12, path: '/v1/traces', reason: 'not now' }, false)

  expect(line).toBe(
    '04:05:06 warn  The queue is full.  queuedBytes=12  path=/v1/traces  reason="not now"\n',
  )
})

test('only the level is coloured', () => {
  expect(logLine(RECORD, true)).toBe('04:05:06 \u001b[33mwarn \u001b[39m The queue is full.\n')
})

test('what a terminal would obey is shown and not done', () => {
  const line = logLine({ ...RECORD, msg: 'a\nb\u001b[2J', name: '\u009b2J\u007f' }, false)

  expect(line).toBe('04:05:06 warn  a b\\x1b[2J  name=\\x9b2J\\x7f\n')
})
