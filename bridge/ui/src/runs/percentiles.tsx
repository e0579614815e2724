import type { RunSummary } from '@spancast/sdk/client'
import type { ReactElement } from 'react'
import { counted, duration } from '../text/format.ts'
import { label } from '../text/visible.ts'

const FEWEST = 3
const MOST_NAMES = 8

/** How long runs of one name take, where there are enough to tell. */
export function Percentiles({
  runs,
}: {
  readonly runs: readonly RunSummary[]
}): ReactElement | null {
  const byName = new Map<string, number[]>()
  for (const run of runs) {
    if (run.duration === undefined) continue
    const lengths = byName.get(run.name) ?? []
    lengths.push(run.duration)
    byName.set(run.name, lengths)
  }
  const known = [...byName].filter(([, lengths]) => lengths.length >= FEWEST).slice(0, MOST_NAMES)
  if (known.length === 0) return null
  return (
    <ul className="percentiles muted" aria-label="Durations">
      {known.map(([name, lengths]) => {
        lengths.sort((a, b) => a - b)
        return (
          <li key={name}>
            <bdi>{label(name)}</bdi> · {counted(lengths.length, 'finished run')} · p50{' '}
            <span className="number">{duration(at(lengths, 0.5))}</span> · p95{' '}
            <span className="number">{duration(at(lengths, 0.95))}</span>
          </li>
        )
      })}
    </ul>
  )
}

function at(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? 0
}
