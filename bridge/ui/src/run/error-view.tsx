import type { ErrorInfo } from '@spancast/sdk/client'
import type { ReactElement } from 'react'
import { label } from '../text/visible.ts'

/** An error: what and why, and where if that is known. */
export function ErrorView({ error }: { readonly error: ErrorInfo }): ReactElement {
  const { type, message, stack } = error
  return (
    <section className="failure">
      <h3>{label(type)}</h3>
      <p className="failure-text" dir="auto">
        {message}
      </p>
      {stack !== undefined && stack !== '' && (
        <details>
          <summary>Stack</summary>
          <pre dir="auto">{stack}</pre>
        </details>
      )}
    </section>
  )
}
