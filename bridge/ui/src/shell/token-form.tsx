import { type FormEvent, type ReactElement, useState } from 'react'
import { Message } from './message.tsx'
import { setToken, useToken } from './session.ts'

/** Asks for the bridge's token. */
export function TokenForm({ error }: { readonly error: Error }): ReactElement {
  const [token, setValue] = useState('')
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    if (token.trim() !== '') setToken(token.trim())
  }
  const given = useToken()
  const isMachine = /this machine|Host/.test(error.message)
  return (
    <Message title="Not allowed">
      <p>{isMachine ? error.message : 'This bridge asks for a token.'}</p>
      {!isMachine && given !== undefined && (
        <p role="alert">
          The one that was given is not taken: it is of another bridge or of one run only, or its
          time is over.
        </p>
      )}
      {!isMachine && (
        <form onSubmit={onSubmit}>
          <input
            className="field mono"
            type="password"
            autoComplete="off"
            aria-label="Token of the bridge"
            placeholder="Token"
            value={token}
            onInput={({ currentTarget }) => setValue(currentTarget.value)}
          />
          <button type="submit" className="button primary">
            Go on
          </button>
        </form>
      )}
      {!isMachine && (
        <p className="muted">
          It is what the bridge was given as <code>SPANCAST_TOKEN</code>, or the stream token of one
          run. It stays in this tab.
        </p>
      )}
    </Message>
  )
}
