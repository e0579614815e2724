import fc from 'fast-check'

/** Runs of a fuzzing test; `SPANCAST_FUZZ_RUNS` asks for more. */
export const FUZZ_RUNS: number = Number(process.env.SPANCAST_FUZZ_RUNS ?? 1500)

type Mutation = (body: Buffer) => Buffer

const at = fc.double({ min: 0, max: 1, noNaN: true })
const place = (body: Buffer, where: number): number => Math.floor(where * body.length)

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  fc.tuple(at, fc.nat(255)).map(
    ([where, byte]): Mutation =>
      (body) => {
        const changed = Buffer.from(body)
        if (changed.length > 0) changed[Math.min(place(body, where), changed.length - 1)] = byte
        return changed
      },
  ),
  at.map(
    (where): Mutation =>
      (body) =>
        body.subarray(0, place(body, where)),
  ),
  fc.tuple(at, fc.uint8Array({ maxLength: 12 })).map(
    ([where, bytes]): Mutation =>
      (body) => {
        const cut = place(body, where)
        return Buffer.concat([body.subarray(0, cut), bytes, body.subarray(cut)])
      },
  ),
  fc.tuple(at, fc.nat(40)).map(
    ([where, count]): Mutation =>
      (body) => {
        const cut = place(body, where)
        return Buffer.concat([body.subarray(0, cut), body.subarray(cut + count)])
      },
  ),
  fc.tuple(at, at, at).map(
    ([from, to, where]): Mutation =>
      (body) => {
        const cut = place(body, where)
        const piece = body.subarray(place(body, from), place(body, to))
        return Buffer.concat([body.subarray(0, cut), piece, body.subarray(cut)])
      },
  ),
)

/** One of these bodies with one to four things wrong with it, or bytes that never were one. */
export function brokenBody(bodies: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const mutated = fc
    .tuple(fc.constantFrom(...bodies), fc.array(mutation, { minLength: 1, maxLength: 4 }))
    .map(([body, mutations]) => mutations.reduce((changed, mutate) => mutate(changed), body))
  const noise = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes))
  return fc.oneof({ weight: 9, arbitrary: mutated }, { weight: 1, arbitrary: noise })
}
