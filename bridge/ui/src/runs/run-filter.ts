import type { RunSummary } from '@spancast/sdk/client'

export type RunFilter = 'all' | 'running' | 'failed' | 'finished'

export const RUN_FILTERS: readonly { readonly name: RunFilter; readonly word: string }[] = [
  { name: 'all', word: 'All' },
  { name: 'running', word: 'Running' },
  { name: 'failed', word: 'Failed' },
  { name: 'finished', word: 'Finished' },
]

/** The runs that are meant. */
export function runsFor(
  runs: readonly RunSummary[],
  filter: RunFilter,
  search: string,
): readonly RunSummary[] {
  const words = search.trim().toLowerCase().split(/\s+/).filter(Boolean)
  if (filter === 'all' && words.length === 0) return runs
  return runs.filter((run) => {
    if (!isOf(run, filter)) return false
    const text = `${run.name} ${run.randomId} ${run.namespaces.join(' ')}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

function isOf({ status }: RunSummary, filter: RunFilter): boolean {
  if (filter === 'running') return status === 'running'
  if (filter === 'failed') return status === 'error' || status === 'abandoned'
  return filter === 'all' || status !== 'running'
}
