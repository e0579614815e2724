import { useState } from 'react'

const KEY = 'spancast-theme'
const NEXT = { system: 'light', light: 'dark', dark: 'system' } as const

export type Theme = keyof typeof NEXT

/** Light, dark, or as the system says; kept in this browser. */
export function useTheme(): { readonly theme: Theme; next(): void } {
  const [theme, setTheme] = useState(keptTheme)
  return {
    theme,
    next: () => {
      const chosen = NEXT[theme]
      keep(chosen)
      applyTheme(chosen)
      setTheme(chosen)
    },
  }
}

export function keptTheme(): Theme {
  try {
    const kept = localStorage.getItem(KEY)
    return kept === 'light' || kept === 'dark' ? kept : 'system'
  } catch {
    // Storage may be forbidden.
    return 'system'
  }
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

function keep(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // Then it lasts as long as the page.
  }
}
