import { type ReactElement, useState } from 'react'
import { Icon } from '../shell/icon.tsx'
import { EventLog, type EventLogProps } from './event-log.tsx'

export interface LogPaneProps extends EventLogProps {
  /** Whether it can make room for the rest. */
  readonly foldable: boolean
}

/** The events, folded away if they are in the way. */
export function LogPane({ foldable, ...props }: LogPaneProps): ReactElement {
  const [open, setOpen] = useState(true)
  const shown = open || !foldable
  return (
    <section className={shown ? 'events' : 'events shut'} aria-label="Events">
      {foldable && (
        <button
          type="button"
          className="button plain small"
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <Icon name={open ? 'open' : 'shut'} />
          Events <span className="number">{props.state.log.lastKey}</span>
        </button>
      )}
      {shown && <EventLog {...props} />}
    </section>
  )
}
