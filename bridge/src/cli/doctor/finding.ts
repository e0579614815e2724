/** What a check found. */
export interface Finding {
  /** `none`: there was nothing to check. */
  readonly state: 'good' | 'bad' | 'none'
  /** One line; for what is bad, with what to do. */
  readonly text: string
}

export function good(text: string): Finding {
  return { state: 'good', text }
}

export function bad(text: string): Finding {
  return { state: 'bad', text }
}

export function none(text: string): Finding {
  return { state: 'none', text }
}
