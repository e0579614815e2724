import type { ReactElement } from 'react'
import { Icon } from './icon.tsx'

export interface PauseButtonProps {
  readonly paused: boolean
  onPause(): void
}

/** Stops all that moves, and lets it go on. */
export function PauseButton({ paused, onPause }: PauseButtonProps): ReactElement {
  return (
    <button type="button" className="button small" aria-pressed={paused} onClick={onPause}>
      <Icon name={paused ? 'play' : 'pause'} />
      <span className="word">{paused ? 'Resume' : 'Pause'}</span>
    </button>
  )
}
