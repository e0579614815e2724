import type { RunState } from '@spancast/sdk/client'
import type { ReactElement } from 'react'
import { label } from '../text/visible.ts'
import { latestText } from './selection.ts'
import { statusOf } from './step.ts'
import { StreamedText } from './streamed-text.tsx'

/** The text that streams now, or that of the step that was chosen. */
export function TextPane({
  state,
  spanId,
}: {
  readonly state: RunState
  readonly spanId: string
}): ReactElement {
  const span = state.spans.get(spanId)?.text ? state.spans.get(spanId) : latestText(state)
  return (
    <section className="details text-pane" aria-label="Text">
      {span === undefined ? (
        <p className="muted">No step has streamed text.</p>
      ) : (
        <StreamedText
          title={label(span.name) || 'Text'}
          text={span.text}
          live={statusOf(span, state) === 'running'}
        />
      )}
    </section>
  )
}
