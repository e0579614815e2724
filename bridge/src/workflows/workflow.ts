/** What a workflow is told of the run that it is. */
export interface WorkflowRun {
  readonly randomId: string
  /** Fires when the run is cancelled, or the bridge closes. */
  readonly signal: AbortSignal
}

/** Does the work. What it returns, once settled and consumed, is the answer to the invoke. */
export type WorkflowFunction = (input: unknown, run: WorkflowRun) => unknown

/** A workflow with words about it. */
export interface WorkflowDefinition {
  /** For people who choose one; part of `GET /api/workflows`. */
  readonly description?: string | undefined
  /**
   * An input to start from, as JSON has it: part of `GET /api/workflows`, and what the form of the live page is made of.
   * An object of texts gives one field each. Default: none, and the form takes JSON or text.
   */
  readonly example?: unknown
  run(input: unknown, run: WorkflowRun): unknown
}

export type Workflows = Readonly<Record<string, WorkflowFunction | WorkflowDefinition>>

/** A workflow as it was registered. */
export interface Registered {
  readonly name: string
  readonly description: string | undefined
  readonly example: unknown
  run(input: unknown, run: WorkflowRun): unknown
}
