import { type ReactElement, type ReactNode, useEffect, useRef } from 'react'
import { BASE_URL } from './base-url.ts'

/** A few words in place of content. */
export function Message({
  title,
  children,
}: {
  readonly title: string
  readonly children: ReactNode
}): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus({ preventScroll: true }), [])
  return (
    <div className="message">
      <h1 ref={heading} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  )
}

/** Nobody answers. */
export function Offline({
  error,
  onRetry,
}: {
  /** Undefined while it is still tried. */
  readonly error: Error | undefined
  onRetry(): void
}): ReactElement {
  return (
    <Message title="The bridge does not answer">
      <p>{error?.message ?? 'The page goes on trying.'}</p>
      <p>
        It was last at <code>{BASE_URL.href}</code>. This starts one:
      </p>
      <pre className="block">npx spancast serve</pre>
      <button type="button" className="button primary" onClick={onRetry}>
        Retry
      </button>
    </Message>
  )
}
