import type { ReactElement } from 'react'
import { Icon } from '../shell/icon.tsx'
import { type StepStatus, statusWord } from './step.ts'

const TONES: Readonly<Record<StepStatus, string>> = {
  running: 'running',
  stalled: 'warn',
  ok: 'ok',
  error: 'error',
  cancelled: 'warn',
  abandoned: 'warn',
  unknown: 'muted',
}

/** How a step stands: a sign, a word, and only then a colour. */
export function StatusBadge({ status }: { readonly status: StepStatus }): ReactElement {
  return (
    <span className={`badge tone-${TONES[status]}`}>
      <Icon name={status} />
      {statusWord(status)}
    </span>
  )
}
