import { createGunzip, gunzipSync } from 'node:zlib'
import { type BodyRefused, noRoom, notGzip, tooLarge } from './body-refused.ts'
import type { BudgetShare } from './byte-budget.ts'

/** Small batches are inflated on the spot: handing them to another thread costs more than the work itself. */
const SYNC_COMPRESSED = 64 * 1024
const SYNC_INFLATED = 1024 * 1024
const CHUNK_BYTES = 128 * 1024

export interface InflateOptions {
  /** Bytes of the result. */
  readonly maxBytes: number
  /** Pays for the result. */
  readonly share: BudgetShare
}

/**
 * The content of a gzip body. A bomb is cut at the limit: no more than that is ever inflated.
 *
 * @throws BodyRefused 400 if it is no gzip or not whole, 413 at the limit, 503 if the share finds no room.
 */
export async function inflate(body: Buffer, options: InflateOptions): Promise<Buffer> {
  const small = body.length <= SYNC_COMPRESSED ? inflateSmall(body, options) : undefined
  return small ?? (await inflateLarge(body, options))
}

/** `undefined` if it turns out to be not so small. */
function inflateSmall(body: Buffer, { maxBytes, share }: InflateOptions): Buffer | undefined {
  const limit = Math.min(SYNC_INFLATED, maxBytes)
  let inflated: Buffer
  try {
    inflated = gunzipSync(body, { maxOutputLength: limit })
  } catch (error) {
    if (!isTooLarge(error)) throw notGzip(error)
    if (limit === maxBytes) throw tooLarge(maxBytes)
    return undefined
  }
  if (!share.take(inflated.length)) throw noRoom()
  return inflated
}

function inflateLarge(body: Buffer, { maxBytes, share }: InflateOptions): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
    const parts: Buffer[] = []
    let length = 0
    const stop = (reason: BodyRefused): void => {
      parts.length = 0
      gunzip.destroy()
      reject(reason)
    }
    gunzip.on('data', (part: Buffer) => {
      length += part.length
      if (length > maxBytes) stop(tooLarge(maxBytes))
      else if (!share.take(part.length)) stop(noRoom())
      else parts.push(part)
    })
    gunzip.on('error', (error) => stop(notGzip(error)))
    gunzip.on('end', () => resolve(Buffer.concat(parts, length)))
    gunzip.end(body)
  })
}

function isTooLarge(error: unknown): boolean {
  return (error as { readonly code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE'
}
