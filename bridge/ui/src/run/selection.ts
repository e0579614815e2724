import { isOver, type RunState, type SpanState } from '@spancast/sdk/client'

/** The step that is shown until the reader chooses one: what speaks, then what failed first, else the root. */
export function autoSelected(state: RunState): string | undefined {
  const { run, errorIds, rootIds } = state
  if (isOver(run.status))
    return errorIds.at(0) !== undefined && run.status === 'error' ? errorIds.at(0) : rootIds.at(0)
  return latestText(state)?.spanId ?? rootIds.at(0)
}

/** The step that streamed text last. */
export function latestText({ textIds, spans }: RunState): SpanState | undefined {
  return spans.get(textIds.at(-1) ?? '')
}
