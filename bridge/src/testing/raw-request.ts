import { connect } from 'node:net'

export interface RawResponse {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The body as JSON. */
  json(): Record<string, unknown>
}

/** Sends these very lines and reads until the server ends the connection. */
export function rawRequest(
  port: number,
  lines: readonly string[],
  {
    host = '127.0.0.1',
    body = '',
    encoding = 'utf8',
  }: { host?: string; body?: string; encoding?: BufferEncoding } = {},
): Promise<RawResponse> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    const socket = connect(port, host)
    socket.on('data', (data) => parts.push(data))
    socket.on('error', reject)
    socket.on('end', () => resolve(parsed(Buffer.concat(parts).toString(encoding))))
    socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`)
  })
}

/** A GET with these headers, and `Host: localhost` unless they say another. */
export function rawGet(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  options: { host?: string } = {},
): Promise<RawResponse> {
  const all = { Host: 'localhost', ...headers, Connection: 'close' }
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}`)
  return rawRequest(port, [`GET ${path} HTTP/1.1`, ...lines], options)
}

function parsed(text: string): RawResponse {
  const end = text.indexOf('\r\n\r\n')
  const [first = '', ...rest] = text.slice(0, end).split('\r\n')
  const headers = Object.fromEntries(
    rest.map((line) => [
      line.slice(0, line.indexOf(':')).toLowerCase(),
      line.slice(line.indexOf(':') + 2),
    ]),
  )
  const body = text.slice(end + 4)
  return { status: Number(first.split(' ')[1]), headers, body, json: () => JSON.parse(body) }
}
