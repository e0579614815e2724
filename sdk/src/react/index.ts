export { SpancastProvider, type SpancastProviderProps } from './client-context.ts'
export { type RunView, type SelectOptions, type UseRunOptions, useRun } from './use-run.ts'
export { type RunListView, type UseRunsOptions, useRuns } from './use-runs.ts'
