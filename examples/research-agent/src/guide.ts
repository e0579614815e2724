import type { Paint } from './terminal/paint.ts'

export interface GuideOptions {
  /** The bridge's own address. */
  readonly url: string
  /** An id for the next run: 8 to 128 of `A-Za-z0-9_-`. */
  readonly nextRandomId: string
  /** Whether traces are exported already. */
  readonly traced: boolean
  readonly paint: Paint
}

const JAEGER =
  'docker run --rm -p 127.0.0.1:16686:16686 -p 127.0.0.1:4318:4318 jaegertracing/jaeger:2.20.0'

/** What to try next, in lines to copy. */
export function guide({ url, nextRandomId, traced, paint }: GuideOptions): string {
  const body = JSON.stringify({
    workflow: 'research',
    input: { question: 'What does flush do in compression?' },
    randomId: nextRandomId,
  })
  const section = (title: string, ...lines: readonly string[]) =>
    `${paint('bold', title)}\n${lines.map((line) => `  ${line}\n`).join('')}\n`
  return [
    section('Watch the team in a browser, and ask it there', `${url}/`),
    section(
      'Ask the next one (answers at once; without a randomId it makes one up)',
      `curl -s ${url}/api/workflow/invoke -H 'content-type: application/json' -H 'prefer: respond-async' -d '${body}'`,
    ),
    section(
      'Watch it as a stream, before, while or after it runs',
      `curl -N ${url}/api/agents/${nextRandomId}/stream`,
    ),
    traced
      ? ''
      : section(
          'See the same run as a trace: start Jaeger, start again, open http://localhost:16686',
          JAEGER,
          'OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 npm start',
        ),
  ].join('')
}
