import { onTestFinished } from 'vitest'
import { RawReader, type RawReaderOptions } from './raw-reader.ts'
import { type StreamServer, type StreamServerOptions, streamServer } from './stream-server.ts'

/** The run that tests stream. */
export const RUN = 'run-12345678'

/** A server of streams, closed when the test is over. */
export async function serve(options?: StreamServerOptions): Promise<StreamServer> {
  const server = await streamServer(options)
  onTestFinished(() => server[Symbol.asyncDispose]())
  return server
}

/** A reader of a stream, which leaves when the test is over. */
export function readStream(
  server: StreamServer,
  path: string,
  options?: RawReaderOptions,
): RawReader {
  const reader = new RawReader(server.port, path, options)
  onTestFinished(() => reader.leave())
  return reader
}

/** A reader of the run `RUN`. */
export function read(server: StreamServer, query = '', options?: RawReaderOptions): RawReader {
  return readStream(server, `/api/agents/${RUN}/stream${query}`, options)
}
