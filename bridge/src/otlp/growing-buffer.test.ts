import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GrowingBuffer } from './growing-buffer.ts'

test('pieces come out in one, in a buffer that is hardly larger', () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 20 }),
    fc.constant(new Uint8Array(20_000).fill(7)),
  )
  fc.assert(
    fc.property(
      fc.array(piece),
      fc.option(fc.nat(100_000), { nil: undefined }),
      (pieces, expected) => {
        const bytes = new GrowingBuffer(expected)
        for (const part of pieces) bytes.append(part)

        const whole = bytes.take()

        expect(whole.equals(Buffer.concat(pieces))).toBe(true)
        if (whole.length > 4096)
          expect(whole.buffer.byteLength * 0.875).toBeLessThanOrEqual(whole.length)
      },
    ),
  )
})
