import type { RunState } from '@spancast/sdk/client'
import { useMemo, useState } from 'react'
import { useQuery } from '../shell/query.ts'
import type { Missing } from './missing.ts'
import { ancestorsOf, type Row, type RowFilter, rowsOf } from './rows.ts'
import type { Kind } from './step.ts'

/** What to scroll to: each object is another order to go there. */
export interface Target {
  readonly key: string
  readonly focus: boolean
}

export interface Steps {
  readonly rows: readonly Row[]
  readonly filter: RowFilter
  /** Steps that match; `undefined` without a filter. */
  readonly found: number | undefined
  readonly target: Target | undefined
  /** 1 for the first error; 0 before any was gone to. */
  readonly errorAt: number
  setFilter(change: Partial<RowFilter>): void
  toggle(spanId: string, expand: boolean): void
  expandAll(): void
  collapseAll(): void
  /** Goes to a step, whatever hides it. */
  show(spanId: string): void
  showGap(gap: Missing | undefined): void
  /** Goes to the next error, or the one before. */
  toError(by: 1 | -1): string | undefined
}

const NOTHING: ReadonlySet<string> = new Set()
const NO_KINDS: ReadonlySet<Kind> = new Set()

/** The steps of a run as the reader wants to see them. */
export function useSteps(state: RunState, linked: string): Steps {
  const [search, setSearch] = useQuery('q')
  const [only, setOnly] = useQuery('only', 'all')
  const [without, setWithout] = useState(NO_KINDS)
  const [collapsed, setCollapsed] = useState(NOTHING)
  const [errorAt, setErrorAt] = useState(0)
  const [target, setTarget] = useState<Target | undefined>(() =>
    linked === '' ? undefined : { key: linked, focus: false },
  )
  const filter = useMemo<RowFilter>(
    () => ({ search, only: only === 'running' || only === 'errors' ? only : 'all', without }),
    [search, only, without],
  )
  const { spans, rootIds, gaps, log } = state
  const rows = useMemo(
    () => rowsOf({ spans, rootIds, gaps, log }, filter, collapsed),
    [spans, rootIds, gaps, log, filter, collapsed],
  )
  const filtered = search.trim() !== '' || filter.only !== 'all' || without.size > 0
  const found = useMemo(
    () => (filtered ? rows.filter((row) => row.type === 'step' && row.matches).length : undefined),
    [filtered, rows],
  )
  const show = (spanId: string): void => {
    const hidden = ancestorsOf(state, spanId).filter((id) => collapsed.has(id))
    if (hidden.length > 0)
      setCollapsed(new Set([...collapsed].filter((id) => !hidden.includes(id))))
    if (filtered && !rows.some((row) => row.key === spanId)) clear()
    setTarget({ key: spanId, focus: true })
  }
  const clear = (): void => {
    setSearch('')
    setOnly('all')
    setWithout(NO_KINDS)
  }
  return {
    rows,
    filter,
    found,
    target,
    errorAt,
    setFilter: (change) => {
      if (change.search !== undefined) setSearch(change.search)
      if (change.only !== undefined) setOnly(change.only)
      if (change.without !== undefined) setWithout(change.without)
    },
    toggle: (spanId, expand) => {
      const next = new Set(collapsed)
      if (expand) next.delete(spanId)
      else next.add(spanId)
      setCollapsed(next)
    },
    expandAll: () => setCollapsed(NOTHING),
    collapseAll: () => {
      setCollapsed(new Set([...spans].filter((s) => s.childIds.length > 0).map((s) => s.spanId)))
    },
    show,
    showGap: (gap) => {
      if (gap === undefined) return
      if (filtered) clear()
      setTarget({ key: `gap-${gap.from}`, focus: true })
    },
    toError: (by) => {
      const { errorIds } = state
      if (errorIds.length === 0) return undefined
      const from = errorAt === 0 && by === -1 ? 1 : errorAt
      const next = (from - 1 + by + errorIds.length) % errorIds.length
      const spanId = errorIds.at(next)
      setErrorAt(next + 1)
      if (spanId !== undefined) show(spanId)
      return spanId
    },
  }
}
