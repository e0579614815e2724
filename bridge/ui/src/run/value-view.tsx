import { type ReactElement, useMemo, useState } from 'react'
import { copy } from '../shell/copy.ts'
import { Icon } from '../shell/icon.tsx'
import { bytes } from '../text/format.ts'

const SHOWN = 4_000
const MAX_SHOWN = 1_000_000

export interface ValueViewProps {
  readonly title: string
  readonly value: unknown
}

/** A value as text: strings as they are, all else as JSON. Long ones are cut until asked for. */
export function ValueView({ title, value }: ValueViewProps): ReactElement {
  const [whole, setWhole] = useState(false)
  const text = useMemo(() => readable(value), [value])
  const limit = whole ? MAX_SHOWN : SHOWN
  const cut = text.length > limit
  return (
    <section className="value">
      <header>
        <h3>{title}</h3>
        <button
          type="button"
          className="button small plain"
          aria-label={`Copy ${title.toLowerCase()}`}
          onClick={() => copy(textOf(value))}
        >
          <Icon name="copy" />
          Copy
        </button>
      </header>
      <pre className="block" dir="auto">
        {cut ? `${text.slice(0, limit)}…` : text}
      </pre>
      {cut && !whole && (
        <button type="button" className="button small" onClick={() => setWhole(true)}>
          Show all ({bytes(text.length)})
        </button>
      )}
    </section>
  )
}

/** JSON whose texts keep their lines: to be read, not to be parsed. */
function readable(value: unknown): string {
  if (typeof value === 'string') return value
  return textOf(value).replace(/^( *).*\\n.*$/gm, (line, indent) =>
    line.replace(/(?<!\\)((?:\\\\)*)\\n/g, `$1\n${indent}  `),
  )
}

/** Texts as they are, all else as JSON. */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  return JSON.stringify(value, null, 2) ?? String(value)
}
