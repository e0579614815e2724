import { type Bridge, createBridge } from '../../create-bridge.ts'
import type { BridgeOptions } from '../../options.ts'
import { isLoopbackName } from '../../security/loopback.ts'
import { ask, isSilence } from './asking.ts'
import { bad, type Finding, good } from './finding.ts'

/** A bridge to check further, if there is one. */
export interface Found {
  readonly finding: Finding
  /** Where it answers, without a slash at the end; `undefined` if there is none. */
  readonly url: string | undefined
  /** What was started for the checks, and is to be closed after them. */
  readonly started: Bridge | undefined
}

/**
 * The bridge that answers at `url`. Where nothing does and that is this machine, one is started there as `serve`
 * would, for as long as the checks take: one that passes nothing on.
 */
export async function findBridge(url: string, options: BridgeOptions): Promise<Found> {
  const answer = await ask(`${url}/healthz`)
  if (!isSilence(answer)) {
    const isBridge = answer.ok && (await saysOk(answer))
    return isBridge
      ? { finding: good(`A bridge answers at ${url}.`), url, started: undefined }
      : nothing(`What answers at ${url} is no bridge (HTTP ${answer.status}). ${elsewhere(url)}`)
  }
  if (answer.code !== 'ECONNREFUSED') {
    return nothing(
      `What is at ${url} does not answer as a bridge: ${answer.reason}. ${elsewhere(url)}`,
    )
  }
  const { hostname, port } = new URL(url)
  if (!isLoopbackName(hostname.replace(/^\[|\]$/g, ''))) {
    return nothing(
      `Nothing answers at ${url}. Start it there with spancast serve, or see to the address.`,
    )
  }
  return start(Number(port || 80), options)
}

async function start(port: number, options: BridgeOptions): Promise<Found> {
  try {
    const started = createBridge({ ...options, upstreamUrl: undefined, spool: undefined })
    const { url } = await started.listen(port)
    const text = `Port ${port} is free; for these checks a bridge answers at ${url}.`
    return { finding: good(text), url, started }
  } catch (error) {
    return nothing(error instanceof Error ? error.message : String(error))
  }
}

async function saysOk(response: Response): Promise<boolean> {
  const body: unknown = await response.json().catch(() => undefined)
  return typeof body === 'object' && body !== null && 'status' in body && body.status === 'ok'
}

function elsewhere(url: string): string {
  return isLoopbackName(new URL(url).hostname)
    ? 'Stop it, or choose another port with SPANCAST_PORT or --url.'
    : 'See to the address, and to proxies before it.'
}

function nothing(text: string): Found {
  return { finding: bad(text), url: undefined, started: undefined }
}

/** Whether the bridge takes work. */
export async function checkReady(url: string): Promise<Finding> {
  const answer = await ask(`${url}/readyz`)
  if (isSilence(answer)) return bad(`It did not say whether it is ready: ${answer.reason}.`)
  if (answer.ok) {
    await answer.body?.cancel()
    return good('It is ready.')
  }
  const body = await answer.text()
  const store = body.includes('store-away')
  return bad(
    store
      ? 'It is not ready: the store of its runs is away. See its log.'
      : `It is not ready (HTTP ${answer.status}): it is closing, or something before it answers.`,
  )
}
