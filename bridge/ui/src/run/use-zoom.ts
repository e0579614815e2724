import type { RunState, SpanState } from '@spancast/sdk/client'
import { useState } from 'react'
import type { View } from './axis.ts'
import { endOf, runStartOf, startOf } from './step.ts'

const SHORTEST_MS = 1

export interface Zoom {
  /** Undefined: the whole run. */
  readonly view: View | undefined
  /** 2 shows half as much. */
  by(factor: number): void
  /** By parts of what is seen. */
  pan(part: number): void
  fit(): void
}

/** The part of the run's time that is seen; a step that is chosen stays in the middle. */
export function useZoom(state: RunState, selected: SpanState | undefined): Zoom {
  const [view, setView] = useState<View>()
  const runStart = runStartOf(state)
  const whole = Math.max(state.run.duration ?? 0, (state.run.lastEventAt ?? runStart) - runStart, 1)
  const by = (factor: number): void => {
    const old = view ?? { from: 0, length: whole * 1.04 }
    const length = Math.max(SHORTEST_MS, old.length / factor)
    if (length >= whole) {
      setView(undefined)
      return
    }
    const middle = view === undefined ? middleOf(selected, runStart) : undefined
    const center = middle ?? old.from + old.length / 2
    setView({ from: clamped(center - length / 2, whole - length), length })
  }
  return {
    view,
    by,
    pan: (part) => {
      if (view === undefined) return
      const { from, length } = view
      setView({ from: clamped(from + length * part, whole - length * 0.5), length })
    },
    fit: () => setView(undefined),
  }
}

function middleOf(span: SpanState | undefined, runStart: number): number | undefined {
  if (span === undefined) return undefined
  const start = startOf(span, runStart)
  return (start + (endOf(span, runStart) ?? start)) / 2
}

function clamped(value: number, max: number): number {
  return Math.max(0, Math.min(value, Math.max(0, max)))
}
