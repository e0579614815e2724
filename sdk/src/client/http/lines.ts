import { ProtocolError } from '../errors.ts'

const MAX_LINE_CHARS = 8 * 1024 * 1024

/** The lines of a body, without their ends. Leaving the loop closes the connection. */
export async function* linesOf(
  body: ReadableStream<Uint8Array> | null,
): AsyncGenerator<string, void> {
  const reader = body?.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
      const lines = (rest + decoder.decode(read.value, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > MAX_LINE_CHARS) throw new ProtocolError('A line of the bridge is too long.')
      yield* lines
    }
    if (rest !== '') yield rest
  } finally {
    await reader?.cancel().catch(() => {})
  }
}
