import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'

/** A span as OTLP/JSON says it, its attributes as plain values. */
export interface ReceivedSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: Record<string, unknown>
  readonly events: { readonly name: string; readonly attributes: Record<string, unknown> }[]
  readonly status: { readonly code?: number; readonly message?: string }
  readonly resource: Record<string, unknown>
  readonly scope: string
}

/** An OTLP/HTTP receiver on a free port of this machine. */
export interface Receiver {
  readonly url: string
  /** Paths that were posted to. */
  readonly paths: string[]
  /** All that arrived, as it came. */
  readonly bodies: string[]
  spans(): ReceivedSpan[]
  close(): void
}

/** @param answers - `false`: it takes requests and never answers. */
export async function startReceiver(answers = true): Promise<Receiver> {
  const paths: string[] = []
  const bodies: string[] = []
  const server = createServer(async (request, response) => {
    const isGzip = request.headers['content-encoding'] === 'gzip'
    bodies.push(await text(isGzip ? request.pipe(createGunzip()) : request))
    paths.push(request.url ?? '')
    if (answers) response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    paths,
    bodies,
    spans: () => bodies.flatMap((body) => spansOf(JSON.parse(body))),
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

interface KeyValue {
  readonly key: string
  readonly value: Record<string, unknown> & { arrayValue?: { values: Record<string, unknown>[] } }
}

interface Request {
  readonly resourceSpans: {
    readonly resource: { readonly attributes: KeyValue[] }
    readonly scopeSpans: {
      readonly scope: { readonly name: string }
      readonly spans: (Omit<ReceivedSpan, 'attributes' | 'events'> & {
        readonly attributes: KeyValue[]
        readonly events: { readonly name: string; readonly attributes: KeyValue[] }[]
      })[]
    }[]
  }[]
}

function spansOf({ resourceSpans }: Request): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        ...span,
        attributes: plain(span.attributes),
        events: span.events.map(({ name, attributes }) => ({
          name,
          attributes: plain(attributes),
        })),
        resource: plain(resource.attributes),
        scope: scope.name,
      })),
    ),
  )
}

function plain(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.arrayValue?.values.map((one) => Object.values(one)[0]) ?? Object.values(value)[0],
    ]),
  )
}
