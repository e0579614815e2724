import { type BaseEvent, HttpAgent, type Message } from '@ag-ui/client'
import { DefaultChatTransport, readUIMessageStream, type UIMessage, type UIMessageChunk } from 'ai'

/** How a reader gets at the stream: over a socket, or from bytes that are there. */
export type Get = (url: string, init: RequestInit) => Promise<Response>

export interface AgUiRead {
  readonly agent: HttpAgent
  readonly events: readonly BaseEvent[]
  readonly messages: readonly Message[]
  /** What the client complained of without giving up, such as a field that AG-UI has not. */
  readonly complaints: readonly string[]
}

/**
 * Reads with the client of AG-UI itself: it parses, enforces the schema, verifies the order and reduces to messages.
 * Rejects when it does not accept the stream.
 *
 * @param agent - One that has read before and goes on.
 */
export async function readAgUi(
  url: string,
  get: Get,
  agent: HttpAgent = new HttpAgent({ url }),
): Promise<AgUiRead> {
  const events: BaseEvent[] = []
  const complaints: string[] = []
  agent.url = url
  // A run is watched, not started: nothing is posted.
  agent.fetch = (at, { signal }) => get(at, { signal: signal ?? null })
  const { error, warn } = console
  console.warn = (...said: unknown[]) => complaints.push(said.join(' '))
  console.error = () => {}
  try {
    await agent.runAgent({}, { onEvent: ({ event }) => void events.push(event) })
  } finally {
    console.warn = warn
    console.error = error
  }
  return { agent, events, messages: agent.messages, complaints }
}

export interface AiSdkRead {
  readonly chunks: readonly UIMessageChunk[]
  readonly message: UIMessage | undefined
  /** Errors that the stream told of. */
  readonly told: readonly string[]
}

/**
 * Reads with the AI SDK's own transport and reader, as `useChat` does. Rejects when they do not accept the stream.
 *
 * @param message - What an earlier stream has left, to go on with.
 */
export async function readAiSdk(url: string, get: Get, message?: UIMessage): Promise<AiSdkRead> {
  const transport = new DefaultChatTransport<UIMessage>({
    prepareReconnectToStreamRequest: () => ({ api: url }),
    // The type of fetch takes more than a transport ever asks with.
    fetch: (input, init) => get(String(input), init ?? {}),
  })
  const stream = await transport.reconnectToStream({ chatId: 'run' })
  if (stream === null) throw new Error('There is nothing to read.')
  const chunks: UIMessageChunk[] = []
  const told: string[] = []
  let refused: unknown
  let last: UIMessage | undefined
  const watched = stream.pipeThrough(
    new TransformStream<UIMessageChunk, UIMessageChunk>({
      transform: (chunk, controller) => {
        chunks.push(chunk)
        controller.enqueue(chunk)
      },
    }),
  )
  const messages = readUIMessageStream<UIMessage>({
    stream: watched,
    ...(message !== undefined && { message }),
    onError: (error) => {
      const { message: said = '' } = error instanceof Error ? error : {}
      if (chunks.some((chunk) => chunk.type === 'error' && chunk.errorText === said))
        told.push(said)
      else refused ??= error
    },
  })
  for await (const snapshot of messages) last = snapshot
  if (refused !== undefined) throw refused
  return { chunks, message: last, told }
}

/** A response of these bytes. */
export function given(body: string): Get {
  return () =>
    Promise.resolve(new Response(body, { headers: { 'Content-Type': 'text/event-stream' } }))
}
