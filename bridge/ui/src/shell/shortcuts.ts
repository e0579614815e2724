import { useEffect, useRef } from 'react'

const KEY = 'spancast-keys'

/** What keys do, by their names. */
export type Shortcuts = readonly (readonly [key: string, act: () => void])[]

/** Single keys that act wherever no text is typed; who types by voice can turn them off. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const current = useRef(shortcuts)
  current.current = shortcuts
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return
      if (!shortcutsOn() || document.querySelector('dialog[open]') !== null) return
      const target = event.target instanceof HTMLElement ? event.target : undefined
      if (target?.closest('input, textarea, select, [contenteditable]')) return
      // The space bar presses what has the focus, if that can be pressed.
      if (event.key === ' ' && target?.closest('button, a, summary, [tabindex="0"]')) return
      const act = current.current.find(([key]) => key === event.key)?.[1]
      if (act === undefined) return
      event.preventDefault()
      act()
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [])
}

export function shortcutsOn(): boolean {
  try {
    return localStorage.getItem(KEY) !== 'off'
  } catch {
    return true
  }
}

export function turnShortcuts(on: boolean): void {
  try {
    if (on) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, 'off')
  } catch {
    // Storage may be forbidden: then they stay on.
  }
}
