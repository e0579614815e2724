import type { ReactElement } from 'react'

const PATHS = {
  agent: 'M8 1.8 13.4 5v6L8 14.2 2.6 11V5z',
  workflow: 'M2.5 3.5h4v3h-4zM9.5 9.5h4v3h-4zM4.5 6.5v4.5h5M6.5 5h5v4.5',
  step: 'M3 8h8.5M8.5 4.5 12 8l-3.5 3.5',
  llm: 'M8 1.5c.5 4 2.5 6 6.5 6.5-4 .5-6 2.5-6.5 6.5-.5-4-2.5-6-6.5-6.5 4-.5 6-2.5 6.5-6.5z',
  tool: 'M10.2 2.2a3.6 3.6 0 0 0-4 4.9L2 11.4 4.6 14l4.3-4.2a3.6 3.6 0 0 0 4.9-4l-2.2 2.1-2.3-.5-.5-2.3z',
  unknown: 'M8 8h.01M4.5 8h.01M11.5 8h.01',
  ok: 'm3 8.5 3.2 3.2L13 4.8',
  error: 'm4 4 8 8M12 4l-8 8',
  running: 'M8 2.2a5.8 5.8 0 1 1-5.8 5.8',
  stalled: 'M5.8 3.5v9M10.2 3.5v9',
  abandoned: 'M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2M4 12 12 4',
  cancelled: 'M8 2.2a5.8 5.8 0 1 1 0 11.6A5.8 5.8 0 0 1 8 2.2M4 12 12 4',
  warning: 'M8 2 14.5 13.5h-13zM8 6.5V9.5M8 11.6v.01',
  live: 'M8 6.2a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6M4.4 11.6a5 5 0 0 1 0-7.2M11.6 4.4a5 5 0 0 1 0 7.2',
  offline: 'm2.5 2.5 11 11M4.4 11.6a5 5 0 0 1-.6-6.4M11.6 4.4a5 5 0 0 1 .7 6.2',
  retry: 'M13.3 6.5A5.6 5.6 0 1 0 13.6 9M13.6 2.5v4h-4',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3v10l8-5z',
  external: 'M9.5 2.5h4v4M13.5 2.5 7.5 8.5M11.5 9.5v4h-9v-9h4',
  copy: 'M5.5 5.5h8v8h-8zM3.5 10.5h-1v-8h8v1',
  download: 'M8 2.5v8M4.8 7.5 8 10.7l3.2-3.2M2.5 13.5h11',
  link: 'M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.2-2.2A2.6 2.6 0 0 0 9 3.3L8.2 4M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.3 9A2.6 2.6 0 0 0 7 12.7l.8-.7',
  open: 'm4 6.2 4 4 4-4',
  shut: 'm6.2 4 4 4-4 4',
  close: 'm4 4 8 8M12 4l-8 8',
  down: 'M8 2.5v10M4 8.8l4 4 4-4',
  up: 'M8 13.5v-10M4 7.2l4-4 4 4',
  light:
    'M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6M8 1.2v1.3M8 13.5v1.3M1.2 8h1.3M13.5 8h1.3M3.2 3.2l.9.9M11.9 11.9l.9.9M12.8 3.2l-.9.9M4.1 11.9l-.9.9',
  dark: 'M13.4 9.6A5.8 5.8 0 0 1 6.4 2.6a5.8 5.8 0 1 0 7 7z',
  system: 'M2 3h12v8H2zM6 14h4M8 11v3',
  help: 'M5.8 6a2.3 2.3 0 1 1 3.2 2.1c-.7.3-1 .8-1 1.6M8 12.3v.01',
  back: 'M9.8 3.5 5.3 8l4.5 4.5',
} as const

export type IconName = keyof typeof PATHS

/** A sign beside words that say the same. */
export function Icon({ name }: { readonly name: IconName }): ReactElement {
  return (
    <svg className={`icon icon-${name}`} viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  )
}
