import { type ReactElement, useLayoutEffect, useRef } from 'react'
import { bytes } from '../text/format.ts'

const MAX_CHARS = 200_000

export interface StreamedTextProps {
  readonly title: string
  readonly text: string
  readonly live: boolean
}

/** What a step streams, its end in sight while it grows. Not spoken as it comes: that would never stop. */
export function StreamedText({ title, text, live }: StreamedTextProps): ReactElement {
  const box = useRef<HTMLPreElement>(null)
  const atEnd = useRef(true)
  // biome-ignore lint/correctness/useExhaustiveDependencies: new text is what makes it scroll.
  useLayoutEffect(() => {
    const element = box.current
    if (live && atEnd.current && element !== null) element.scrollTop = element.scrollHeight
  }, [text, live])
  const cut = text.length - MAX_CHARS
  return (
    <section className="value">
      <header>
        <h3>{title}</h3>
        {cut > 0 && <span className="muted">the first {bytes(cut)} are not shown</span>}
      </header>
      <pre
        ref={box}
        className={live ? 'block streamed live' : 'block streamed'}
        data-testid="text"
        dir="auto"
        tabIndex={0}
        role="group"
        aria-label={title}
        aria-live="off"
        aria-busy={live}
        onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
          atEnd.current = scrollTop + clientHeight >= scrollHeight - 8
        }}
      >
        {cut > 0 ? text.slice(cut) : text}
      </pre>
    </section>
  )
}
