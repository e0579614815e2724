/** Headers that a request to the upstream carries beside its own: credentials, mostly. */
export type HeaderRecord = Readonly<Record<string, string>>

const NAME = /^[\w!#$%&'*+.^`|~-]+$/
const VALUE = /^[\t\x20-\x7e]*$/
/** What a request says of itself, and of its way: these are its own. */
const OWN: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
])

/** Whether these are headers that may be sent along. */
export function isHeaderRecord(value: unknown): value is HeaderRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(value).every(
    ([name, text]) =>
      NAME.test(name) &&
      !OWN.has(name.toLowerCase()) &&
      typeof text === 'string' &&
      VALUE.test(text),
  )
}

/**
 * The headers that a text says in the form of `OTEL_EXPORTER_OTLP_HEADERS`: `name=value,name=value`, with values
 * percent-encoded where need be. A text of another form comes back as it is.
 */
export function headersFrom(text: string): HeaderRecord | string {
  const headers: Record<string, string> = {}
  for (const item of text.split(',')) {
    if (item.trim() === '') continue
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(item) ?? []
    const decoded = decode(value.trim())
    if (name.trim() === '' || decoded === undefined) return text
    headers[name.trim()] = decoded
  }
  return headers
}

function decode(value: string): string | undefined {
  try {
    return decodeURIComponent(value)
  } catch {
    return undefined
  }
}
