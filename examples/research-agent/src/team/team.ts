import type { Library } from '../library/library.ts'
import { sourcesOf } from './citations.ts'
import type { Model } from './model.ts'
import { createPlanner } from './planner.ts'
import { createResearcher, withoutRepeats } from './researcher.ts'
import { createTools } from './tools.ts'
import { createWriter } from './writer.ts'

export interface Answer {
  readonly answer: string
  /** The documents that the answer quotes, relative to the corpus folder, in the order of their numbers. */
  readonly sources: readonly string[]
}

export interface TeamOptions {
  readonly library: Library
  readonly model: Model | undefined
  /** Ends the work wherever it is; the answer then rejects with its reason. */
  readonly signal: AbortSignal
  /** See `WriterOptions`. */
  readonly msPerWord?: number
}

/** Quotes brought back in all, which the researchers share: what people read, or what a model condenses. */
const QUOTES = { shown: 6, forModel: 18 }

/**
 * A planner splits the question, researchers work on its parts side by side, a writer puts together what they
 * found. Each of them is wrapped with `observe`; that is all it takes to watch them.
 */
export function createTeam(options: TeamOptions): (question: string) => Promise<Answer> {
  const { library, model, signal, msPerWord } = options
  const ask = model?.forRun(signal)
  const tools = createTools(library, signal)
  const plan = createPlanner(ask)
  const write = createWriter({ ask, signal, ...(msPerWord !== undefined && { msPerWord }) })

  return async (question) => {
    const topics = await plan(question)
    signal.throwIfAborted()

    const total = model === undefined ? QUOTES.shown : QUOTES.forModel
    const quotes = Math.min(total - 2, Math.floor(total / topics.length))
    const found = await Promise.all(
      topics.map((topic, position) =>
        createResearcher(`researcher-${position + 1}`, { library, tools, quotes })(topic),
      ),
    )
    const findings = withoutRepeats(found)
    signal.throwIfAborted()

    let answer = ''
    for await (const part of write(question, findings)) answer += part
    return { answer, sources: sourcesOf(findings).map(({ path }) => path) }
  }
}
