import { useRun } from '@spancast/sdk/react'

export function RunView({ randomId }: { readonly randomId: string }) {
  const { run, connection, spans, text, usage, error, retry } = useRun(randomId)
  if (error !== undefined)
    return (
      <button type="button" onClick={retry}>
        {error.message}
      </button>
    )
  return (
    <article aria-busy={connection.state === 'connecting'}>
      <h1>
        {run.name} {run.status}
      </h1>
      <ul>
        {[...spans].map(({ spanId, kind, name, status }) => (
          <li key={spanId}>
            {kind} {name} {status}
          </li>
        ))}
      </ul>
      <pre>{text}</pre>
      <p>{usage.tokenUsage.totalTokens} tokens</p>
    </article>
  )
}
