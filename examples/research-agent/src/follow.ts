import { setTimeout as sleep } from 'node:timers/promises'
import type { AgentEvent, StreamEnd, StreamGap } from '@spancast/sdk'

const MAX_RECONNECTS = 5

/**
 * The events of one run, from its first to its last, as they happen: a reader of the bridge's SSE stream that goes
 * on where it was when the connection breaks.
 *
 * @throws If the bridge refuses, or cannot be reached five times in a row.
 */
export async function* follow(
  streamUrl: URL,
  signal: AbortSignal,
): AsyncGenerator<AgentEvent, void> {
  let lastEventId: string | undefined
  for (let failures = 0; failures < MAX_RECONNECTS; failures++) {
    if (failures > 0) await sleep(200 * failures, undefined, { signal })
    try {
      const response = await fetch(streamUrl, {
        signal,
        headers: {
          accept: 'text/event-stream',
          ...(lastEventId && { 'last-event-id': lastEventId }),
        },
      })
      if (response.status === 204) return
      if (!response.ok || response.body === null) throw await refusal(streamUrl, response)
      for await (const { id, data } of messagesOf(response.body)) {
        failures = 0
        lastEventId = id ?? lastEventId
        // The bridge is our own and states this type; a foreign server would be checked here.
        const record = JSON.parse(data) as AgentEvent | StreamEnd | StreamGap
        if (record.type === 'stream.end' && record.reason === 'completed') return
        if (record.type !== 'stream.end' && record.type !== 'stream.gap') yield record
      }
    } catch (error) {
      // `fetch` reports a connection that breaks as a TypeError; all else is not mended by another try.
      if (!(error instanceof TypeError)) throw error
    }
  }
  throw new Error(`The stream ${streamUrl.pathname} broke off ${MAX_RECONNECTS} times in a row.`)
}

async function refusal(url: URL, response: Response): Promise<Error> {
  return new Error(
    `Expected a stream from ${url.pathname}, got ${response.status}: ${await response.text()}`,
  )
}

/** The messages of an SSE body; comments and the fields that are not needed here are skipped. */
async function* messagesOf(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<{ readonly id: string | undefined; readonly data: string }, void> {
  let rest = ''
  for await (const text of body.pipeThrough(new TextDecoderStream())) {
    const frames = (rest + text).split('\n\n')
    rest = frames.pop() ?? ''
    for (const frame of frames) {
      const fields = frame.split('\n')
      const data = valuesOf(fields, 'data').join('\n')
      if (data !== '') yield { id: valuesOf(fields, 'id')[0], data }
    }
  }
}

function valuesOf(fields: readonly string[], name: string): string[] {
  return fields
    .filter((field) => field.startsWith(`${name}:`))
    .map((field) => field.slice(name.length + 1).trimStart())
}
