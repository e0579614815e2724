import type { Library } from './library/library.ts'
import type { Model } from './team/model.ts'
import { type Answer, createTeam } from './team/team.ts'

const MAX_QUESTION = 2_000

/** The workflow that the bridge runs: `{ question }` in, an answer and its sources out. */
export interface ResearchWorkflow {
  readonly description: string
  readonly example: { readonly question: string }
  run(input: unknown, run: { readonly signal: AbortSignal }): Promise<Answer>
}

/** @param model - Plans and writes; without one the question is split and the answer quoted by rules. */
export function createResearchWorkflow(
  library: Library,
  model: Model | undefined,
): ResearchWorkflow {
  return {
    description: 'Answers { question } from the documents, with citations.',
    example: { question: 'What does flush do in compression?' },
    run: async (input, { signal }) => createTeam({ library, model, signal })(questionOf(input)),
  }
}

function questionOf(input: unknown): string {
  const question =
    typeof input === 'object' && input !== null && 'question' in input ? input.question : undefined
  if (typeof question === 'string' && question.trim() !== '' && question.length <= MAX_QUESTION) {
    return question.trim()
  }
  throw new TypeError(
    `Expected the input to be { "question": "..." } with 1 to ${MAX_QUESTION} characters, got ${JSON.stringify(input)?.slice(0, 80)}.`,
  )
}
