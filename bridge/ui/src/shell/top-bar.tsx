import type { ReactElement, ReactNode } from 'react'
import { Icon } from './icon.tsx'
import { follow, RUNS_HREF } from './route.ts'
import { type Theme, useTheme } from './theme.ts'

const THEMES: Readonly<Record<Theme, string>> = {
  system: 'Theme: as the system',
  light: 'Theme: light',
  dark: 'Theme: dark',
}

export interface TopBarProps {
  /** What is seen, below all runs. */
  readonly crumb?: ReactNode
  readonly children?: ReactNode
  onHelp(): void
}

/** The way back to all runs, and what holds for every view. */
export function TopBar({ crumb, children, onHelp }: TopBarProps): ReactElement {
  const { theme, next } = useTheme()
  return (
    <nav className="top" aria-label="Spancast">
      <a className="brand" href={RUNS_HREF} onClick={follow}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <rect width="16" height="16" rx="4" />
          <path d="M3 4.75h7M5.5 8h6M8 11.25h5" />
        </svg>
        <span className="word">Spancast</span>
      </a>
      {crumb !== undefined && <span className="crumb">{crumb}</span>}
      <span className="space" />
      {children}
      <button type="button" className="button plain" title={THEMES[theme]} onClick={next}>
        <Icon name={theme} />
        <span className="hidden-text">{THEMES[theme]}</span>
      </button>
      <button type="button" className="button plain" title="Keys and help" onClick={onHelp}>
        <Icon name="help" />
        <span className="hidden-text">Keys and help</span>
      </button>
    </nav>
  )
}
