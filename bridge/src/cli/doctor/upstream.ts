import type { HeaderRecord } from '../../header-record.ts'
import { ask, isSilence } from './asking.ts'
import { bad, type Finding, good, none } from './finding.ts'

/** Whether the upstream takes OTLP traces: it is sent a request without spans. */
export async function checkUpstream(
  upstreamUrl: string | undefined,
  headers: HeaderRecord = {},
): Promise<Finding> {
  if (upstreamUrl === undefined) {
    return none(
      'No upstream is set: traces are passed on to nobody (--upstream, SPANCAST_UPSTREAM_URL).',
    )
  }
  const base = new URL(upstreamUrl)
  const { username, password } = base
  base.username = ''
  base.password = ''
  const url = `${base.href.replace(/\/+$/, '')}/v1/traces`
  const credentials =
    username === ''
      ? undefined
      : `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}`
  const answer = await ask(url, {
    method: 'POST',
    headers: {
      ...(credentials !== undefined && { authorization: credentials }),
      ...headers,
      'content-type': 'application/json',
    },
    body: '{"resourceSpans":[]}',
  })
  if (isSilence(answer)) {
    return bad(`The upstream ${url} cannot be reached: ${answer.reason}. Is it running there?`)
  }
  await answer.body?.cancel()
  if (answer.ok) return good(`The upstream ${url} takes traces.`)
  const advice =
    answer.status === 404 || answer.status === 405
      ? 'Give the base URL of its OTLP/HTTP receiver, often port 4318.'
      : 'See what its own log says.'
  return bad(`The upstream ${url} answers, but refuses traces (HTTP ${answer.status}). ${advice}`)
}
