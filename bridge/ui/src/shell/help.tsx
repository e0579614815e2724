import { Fragment, type ReactElement, useState } from 'react'
import { Dialog } from './dialog.tsx'
import { shortcutsOn, turnShortcuts } from './shortcuts.ts'

const KEYS = [
  ['/', 'search'],
  ['f', 'follow the end'],
  ['Space', 'pause and go on, when nothing else has the focus'],
  ['n  N', 'next and previous error'],
  ['e  w', 'expand and collapse all'],
  ['↑ ↓ ← →', 'through the tree'],
  ['Enter', 'details of the step'],
  ['Esc', 'close'],
  ['j', 'open in Jaeger'],
  ['?', 'this'],
] as const

/** The keys, and the switch that turns them off. */
export function Help({ onClose }: { onClose(): void }): ReactElement {
  const [on, setOn] = useState(shortcutsOn)
  return (
    <Dialog title="Keys" onClose={onClose}>
      <h2>Keys</h2>
      <dl className="keys">
        {KEYS.map(([keys, does]) => (
          <Fragment key={keys}>
            <dt>
              {keys.split('  ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </Fragment>
        ))}
      </dl>
      <label className="check">
        <input
          type="checkbox"
          checked={on}
          onChange={({ currentTarget }) => {
            turnShortcuts(currentTarget.checked)
            setOn(currentTarget.checked)
          }}
        />
        Single keys act
      </label>
    </Dialog>
  )
}
