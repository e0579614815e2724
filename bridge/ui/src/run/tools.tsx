import type { ReactElement, RefObject } from 'react'
import { Icon } from '../shell/icon.tsx'
import type { RowFilter } from './rows.ts'
import type { Kind } from './step.ts'

const ONLY = [
  ['all', 'All'],
  ['running', 'Running'],
  ['errors', 'Errors'],
] as const
const KINDS = [
  ['agent', 'Agents'],
  ['llm', 'Models'],
  ['tool', 'Tools'],
] as const

export interface ToolsProps {
  readonly filter: RowFilter
  readonly searchField: RefObject<HTMLInputElement | null>
  readonly found: number | undefined
  readonly zoomed: boolean
  readonly following: boolean
  readonly live: boolean
  onFilter(change: Partial<RowFilter>): void
  onZoom(factor: number): void
  onPan(part: number): void
  onFit(): void
  onFollow(following: boolean): void
  onCollapse(): void
  onExpand(): void
}

/** What of the tree is seen, and how. */
export function Tools(props: ToolsProps): ReactElement {
  const { filter, searchField, found, zoomed, following, live, onFilter, onZoom, onPan } = props
  const toggle = (kind: Kind): void => {
    const without = new Set(filter.without)
    if (!without.delete(kind)) without.add(kind)
    onFilter({ without })
  }
  return (
    <div className="tools" role="toolbar" aria-label="Steps">
      <span className="search">
        <input
          ref={searchField}
          className="field"
          type="search"
          placeholder="Search"
          aria-label="Search steps"
          value={filter.search}
          onInput={({ currentTarget }) => onFilter({ search: currentTarget.value })}
        />
        {found !== undefined && <span className="muted number">{found} found</span>}
      </span>
      <span className="choices" role="group" aria-label="Show">
        {ONLY.map(([only, word]) => (
          <button
            key={only}
            type="button"
            aria-pressed={filter.only === only}
            onClick={() => onFilter({ only })}
          >
            {word}
          </button>
        ))}
      </span>
      <span className="choices kinds" role="group" aria-label="Kinds">
        {KINDS.map(([kind, word]) => (
          <button
            key={kind}
            type="button"
            className={`kind-${kind}`}
            aria-pressed={!filter.without.has(kind)}
            onClick={() => toggle(kind)}
          >
            <Icon name={kind} />
            {word}
          </button>
        ))}
      </span>
      <span className="space" />
      <span className="tools-right">
        <span className="choices all">
          <Step word="Collapse all" sign="▸" act={props.onCollapse} />
          <Step word="Expand all" sign="▾" act={props.onExpand} />
        </span>
        <span className="choices zoom" role="group" aria-label="Time">
          {zoomed && <Step word="Earlier" sign="‹" act={() => onPan(-0.5)} />}
          <Step word="Zoom out" sign="−" act={() => onZoom(0.5)} />
          <Step word="Zoom in" sign="+" act={() => onZoom(2)} />
          {zoomed && <Step word="Later" sign="›" act={() => onPan(0.5)} />}
          {zoomed && <Step word="Fit the whole run" sign="Fit" act={props.onFit} />}
        </span>
        {live && (
          <label className="check">
            <input
              type="checkbox"
              checked={following}
              onChange={({ currentTarget }) => props.onFollow(currentTarget.checked)}
            />
            Follow
          </label>
        )}
      </span>
    </div>
  )
}

function Step({
  word,
  sign,
  act,
}: {
  readonly word: string
  readonly sign: string
  act(): void
}): ReactElement {
  return (
    <button type="button" title={word} aria-label={word} onClick={act}>
      {sign}
    </button>
  )
}
