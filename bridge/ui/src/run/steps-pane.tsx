import type { RunState } from '@spancast/sdk/client'
import type { ReactElement, RefObject } from 'react'
import type { Pace } from './follow.ts'
import { ReplayBar } from './replay-bar.tsx'
import { Tools } from './tools.tsx'
import type { Replaying } from './use-replay.ts'
import type { Steps } from './use-steps.ts'
import type { Zoom } from './use-zoom.ts'
import { Waterfall } from './waterfall.tsx'

export interface StepsPaneProps {
  readonly state: RunState
  readonly steps: Steps
  readonly zoom: Zoom
  readonly pace: Pace
  readonly selectedId: string | undefined
  readonly following: boolean
  readonly searchField: RefObject<HTMLInputElement | null>
  /** Undefined where there is nothing to go through again. */
  readonly replay: Replaying | undefined
  onFollow(following: boolean): void
  onSelect(spanId: string): void
  onOpen(by: 'key' | 'click'): void
}

/** The steps of a run over its time, with what finds them, above, and what goes through them, below. */
export function StepsPane(props: StepsPaneProps): ReactElement {
  const { state, steps, zoom, pace, selectedId, following, searchField, replay, onFollow } = props
  return (
    <section className="steps" aria-label="Steps">
      <Tools
        filter={steps.filter}
        searchField={searchField}
        found={steps.found}
        zoomed={zoom.view !== undefined}
        following={following}
        live={pace === 'live'}
        onFilter={steps.setFilter}
        onZoom={zoom.by}
        onPan={zoom.pan}
        onFit={zoom.fit}
        onFollow={onFollow}
        onCollapse={steps.collapseAll}
        onExpand={steps.expandAll}
      />
      <Waterfall
        state={state}
        rows={steps.rows}
        selectedId={selectedId}
        target={steps.target}
        view={zoom.view}
        pace={pace}
        follow={following}
        onFollow={onFollow}
        onSelect={props.onSelect}
        onOpen={props.onOpen}
        onToggle={steps.toggle}
      />
      {replay !== undefined && <ReplayBar replay={replay} />}
    </section>
  )
}
