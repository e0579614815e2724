import { SpancastError } from '../errors.ts'

/**
 * Where a receiver takes one kind of telemetry.
 *
 * @param option - Whose value `base` is.
 * @throws SpancastError `invalid-option` if `base` is no http or https URL.
 */
export function receiverUrl(
  base: string,
  path: 'v1/traces' | 'v1/logs',
  option: 'otlpUrl' | 'bridgeUrl',
): URL {
  if (!URL.canParse(base) || !/^https?:$/.test(new URL(base).protocol)) {
    throw new SpancastError(
      'invalid-option',
      `Expected \`${option}\` to be the base URL of ${EXAMPLES[option]}, got ${base}.`,
    )
  }
  const url = new URL(base)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`
  return url
}

const EXAMPLES = {
  otlpUrl: 'an OTLP/HTTP receiver, such as http://localhost:4318',
  bridgeUrl: 'a Spancast bridge, such as http://localhost:4319',
} as const
