import { HttpAgent } from '@ag-ui/client'

/** Watches a run to its end: its messages are the agent's. `streamUrl` is absolute. */
export async function watchRun(streamUrl: string): Promise<HttpAgent> {
  const url = new URL(streamUrl)
  url.searchParams.set('format', 'ag-ui')
  // The run is watched, not started: GET, and no body.
  const agent = new HttpAgent({
    url: '',
    fetch: (at, { signal }) => fetch(at, { signal: signal ?? null }),
  })
  const cursors = ['']
  agent.subscribe({
    onCustomEvent({ event: { name, value } }) {
      // A stream lasts some minutes; the next one goes on with the messages that are there.
      if (name === 'spancast.stream.end') cursors.push(value.since ?? '')
    },
  })
  for (const since of cursors) {
    if (since !== '') url.searchParams.set('since', since)
    agent.url = url.href
    await agent.runAgent()
  }
  return agent
}
