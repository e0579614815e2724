import type { AgentEvent } from '@spancast/sdk'
import { follow } from './follow.ts'

/**
 * Asks the way that any client would: invokes the workflow over HTTP and follows its stream.
 *
 * @returns The events of the run, from its first to its last.
 * @throws If the bridge refuses or cannot be reached.
 */
export async function* ask(
  bridgeUrl: string,
  question: string,
  signal: AbortSignal,
): AsyncGenerator<AgentEvent, void> {
  const response = await fetch(`${bridgeUrl}/api/workflow/invoke`, {
    method: 'POST',
    signal,
    headers: { 'content-type': 'application/json', prefer: 'respond-async' },
    body: JSON.stringify({ workflow: 'research', input: { question } }),
  })
  if (response.status !== 202) throw new Error(`The bridge refused: ${await response.text()}`)
  // What the bridge answers with 202.
  const { streamUrl } = (await response.json()) as { readonly streamUrl: string }
  yield* follow(new URL(streamUrl, bridgeUrl), signal)
}
