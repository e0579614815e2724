import type { RunState } from '@spancast/sdk/client'
import type { IconName } from '../shell/icon.tsx'

export interface StatusWords {
  readonly word: string
  readonly icon: IconName
  readonly tone: 'ok' | 'error' | 'running' | 'warn' | 'muted'
  /** For the title of the window. */
  readonly sign: string
}

const WORDS: Readonly<Record<RunState['run']['status'], StatusWords>> = {
  unknown: { word: 'Waiting', icon: 'unknown', tone: 'muted', sign: '…' },
  running: { word: 'Running', icon: 'running', tone: 'running', sign: '▶' },
  stalled: { word: 'Stalled', icon: 'stalled', tone: 'warn', sign: '❚❚' },
  ok: { word: 'Succeeded', icon: 'ok', tone: 'ok', sign: '✔' },
  error: { word: 'Failed', icon: 'error', tone: 'error', sign: '✖' },
  cancelled: { word: 'Cancelled', icon: 'cancelled', tone: 'warn', sign: '⊘' },
  abandoned: { word: 'Abandoned', icon: 'abandoned', tone: 'warn', sign: '⊘' },
}

/** How a run stands, in words, a sign and a colour. */
export function runStatus(status: RunState['run']['status']): StatusWords {
  return WORDS[status]
}
