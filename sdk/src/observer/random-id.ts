import { SpancastError } from '../errors.ts'

const PATTERN = /^[A-Za-z0-9_-]{8,128}$/

/** A fresh run id: 128 random bits as 32 hexadecimal digits. */
export function createRandomId(): string {
  return crypto.randomUUID().replaceAll('-', '')
}

/** Whether `value` can name a run: 8 to 128 of `A-Za-z0-9_-`. */
export function isRandomId(value: unknown): value is string {
  return typeof value === 'string' && PATTERN.test(value)
}

/** @throws SpancastError `invalid-random-id` if `value` cannot name a run. */
export function assertRandomId(value: unknown): asserts value is string {
  if (isRandomId(value)) return
  const got = typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : typeof value
  throw new SpancastError(
    'invalid-random-id',
    `Expected \`randomId\` to be 8 to 128 of A-Z a-z 0-9 _ -, got ${got}. createRandomId() makes one.`,
  )
}
