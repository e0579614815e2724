import { randomBytes } from 'node:crypto'
import { ask, bearer, isSilence, refusalOf } from './asking.ts'
import { bad, type Finding, good } from './finding.ts'

export interface Target {
  /** The bridge's address, without a slash at the end. */
  readonly url: string
  readonly token: string | undefined
  readonly ingestToken: string | undefined
}

const ARRIVAL_MS = 10_000
const TOKENS = 'Set SPANCAST_TOKEN and SPANCAST_INGEST_TOKEN as for the bridge.'

/** Sends the span of an agent the way that agents do, and waits for it on the stream of its run. */
export async function checkTestSpan({ url, token, ingestToken }: Target): Promise<Finding> {
  const traceId = randomBytes(16).toString('hex')
  const startedAt = performance.now()
  const stopped = new AbortController()
  const signal = AbortSignal.any([stopped.signal, AbortSignal.timeout(ARRIVAL_MS)])
  const arrival = watch(`${url}/api/agents/${traceId}/stream?wait=10`, token, signal)
  const answer = await ask(`${url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(ingestToken ?? token) },
    body: JSON.stringify(requestWith(traceId)),
  })
  if (isSilence(answer)) {
    stopped.abort()
    return bad(`A test span could not be sent to ${url}/v1/traces: ${answer.reason}.`)
  }
  if (!answer.ok) {
    stopped.abort()
    return bad(`A test span was refused by ${url}/v1/traces, ${await refusalOf(answer)} ${TOKENS}`)
  }
  const missing = await arrival
  stopped.abort()
  if (missing !== undefined) return bad(`A test span was taken, but ${missing}`)
  const ms = Math.round(performance.now() - startedAt)
  return good(`A test span arrived on the stream of its run in ${ms} ms (${traceId}).`)
}

/** @returns What went wrong; `undefined` once the span is there. */
async function watch(
  url: string,
  token: string | undefined,
  signal: AbortSignal,
): Promise<string | undefined> {
  const answer = await ask(url, { headers: bearer(token), signal })
  if (isSilence(answer)) return `the stream of its run did not answer: ${answer.reason}.`
  if (!answer.ok || answer.body === null) {
    return `the stream of its run was refused, ${await refusalOf(answer)} ${TOKENS}`
  }
  let text = ''
  try {
    for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {
      text += part
      if (text.includes('"type":"agent.end"')) return undefined
    }
  } catch {
    // The time is over, or the connection is: either way it did not come.
  }
  return 'it did not appear on the stream of its run. See the log of the bridge.'
}

function requestWith(traceId: string): unknown {
  const now = BigInt(Date.now()) * 1_000_000n
  const span = {
    traceId,
    spanId: randomBytes(8).toString('hex'),
    name: 'invoke_agent spancast doctor',
    kind: 1,
    startTimeUnixNano: String(now - 1_000_000n),
    endTimeUnixNano: String(now),
    attributes: [
      text('gen_ai.operation.name', 'invoke_agent'),
      text('gen_ai.agent.name', 'spancast doctor'),
    ],
  }
  return {
    resourceSpans: [
      {
        resource: { attributes: [text('service.name', 'spancast-doctor')] },
        scopeSpans: [{ scope: { name: 'spancast-doctor' }, spans: [span] }],
      },
    ],
  }
}

function text(key: string, value: string): unknown {
  return { key, value: { stringValue: value } }
}
