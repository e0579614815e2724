import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BadSpoolFile, decodeSpoolFile, encodeSpoolFile } from './spool-file.ts'

const requests = fc.record(
  {
    path: fc.string(),
    contentType: fc.string({ unit: 'binary' }),
    contentEncoding: fc.string(),
    via: fc.string(),
    body: fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes)),
  },
  { requiredKeys: ['path', 'contentType', 'body'] },
)

test('any request comes back as it was', () => {
  fc.assert(
    fc.property(requests, (request) => {
      expect(decodeSpoolFile(Buffer.concat(encodeSpoolFile(request)))).toEqual(request)
    }),
  )
})

test('a file with any bit changed, or cut anywhere, or longer, is noticed', () => {
  fc.assert(
    fc.property(requests, fc.nat(), fc.integer({ min: 0, max: 7 }), (request, at, bit) => {
      const whole = Buffer.concat(encodeSpoolFile(request))
      const changed = Buffer.from(whole)
      const index = at % whole.length
      changed[index] = (whole[index] ?? 0) ^ (1 << bit)

      expect(() => decodeSpoolFile(changed)).toThrow(BadSpoolFile)
      expect(() => decodeSpoolFile(whole.subarray(0, index))).toThrow(BadSpoolFile)
      expect(() => decodeSpoolFile(Buffer.concat([whole, Buffer.from('x')]))).toThrow(BadSpoolFile)
    }),
  )
})

test('no bytes make it fail in another way', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(() => decodeSpoolFile(Buffer.from(bytes))).toThrow(BadSpoolFile)
    }),
  )
})
