import type { ReactElement } from 'react'

const TABS = [
  ['', 'Timeline'],
  ['text', 'Text'],
  ['events', 'Events'],
  ['info', 'Info'],
] as const

export interface PaneTabsProps {
  readonly tab: string
  onTab(tab: string): void
}

/** Where not all of a run has room: what of it is shown. */
export function PaneTabs({ tab, onTab }: PaneTabsProps): ReactElement {
  return (
    <div className="tabs" role="group" aria-label="What is shown">
      <span className="choices">
        {TABS.map(([name, word]) => (
          <button key={name} type="button" aria-pressed={tab === name} onClick={() => onTab(name)}>
            {word}
          </button>
        ))}
      </span>
    </div>
  )
}
