import { type Client, RunNotFoundError } from '@spancast/sdk/client'

export interface Choice {
  readonly client: Client
  readonly signal: AbortSignal
  /** Said before it waits for a first run. Without it, it does not wait. */
  readonly waiting?: (() => void) | undefined
}

/**
 * The id that an operand means: itself, or that of the run that started last.
 *
 * @throws RunNotFoundError if there is no run to be the latest.
 */
export async function whichRun(operand: string, choice: Choice): Promise<string> {
  if (operand !== 'latest') return operand
  const { client, signal, waiting } = choice
  const [latest] = (await client.listRuns({ limit: 1, signal })).runs
  if (latest !== undefined) return latest.randomId
  if (waiting !== undefined) {
    waiting()
    for await (const { randomId } of client.runs({ signal })) return randomId
  }
  throw new RunNotFoundError('The bridge knows no run yet.', 404, 'run-not-found')
}
