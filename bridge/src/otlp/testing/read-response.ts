import { PbfReader } from 'pbf'

/** What the body of an OTLP response in protobuf says. */
export interface ReadResponse {
  /** google.rpc.Status. */
  code?: number
  message?: string
  /** Partial success. */
  rejected?: number
  errorMessage?: string
}

/** A google.rpc.Status. */
export function readStatus(body: Uint8Array): ReadResponse {
  return new PbfReader(body).readFields((tag, status: ReadResponse, reader) => {
    if (tag === 1) status.code = reader.readVarint()
    if (tag === 2) status.message = reader.readString()
  }, {})
}

/** An Export...ServiceResponse. */
export function readSuccess(body: Uint8Array): ReadResponse {
  return new PbfReader(body).readFields((tag, answer: ReadResponse, reader) => {
    if (tag === 1) reader.readMessage(readPartial, answer)
  }, {})
}

function readPartial(tag: number, answer: ReadResponse | undefined, reader: PbfReader): void {
  if (answer === undefined) return
  if (tag === 1) answer.rejected = reader.readVarint()
  if (tag === 2) answer.errorMessage = reader.readString()
}
