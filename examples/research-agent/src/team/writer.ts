import { setTimeout as sleep } from 'node:timers/promises'
import { observe } from '@spancast/sdk'
import { notes, quoted, sourceList, sourcesOf } from './citations.ts'
import type { Ask } from './model.ts'
import type { Finding } from './researcher.ts'

/** Writes the answer piece by piece, with `[n]` after what a source says and the sources at the end. */
export type Writer = (
  question: string,
  findings: readonly Finding[],
) => AsyncGenerator<string, void>

export interface WriterOptions {
  /** The model that writes; without one the answer is made of quotes, and says so. */
  readonly ask: Ask | undefined
  readonly signal: AbortSignal
  /** Milliseconds between the words of quotes, so that a person sees them come. Default 8. */
  readonly msPerWord?: number
}

const INSTRUCTION = `Answer the question from the numbered notes alone, in 3 to 6 plain sentences without headings. After
each statement put the number of its note in square brackets, such as [1]. Say so if the notes do not answer it.`

export function createWriter({ ask, signal, msPerWord = 8 }: WriterOptions): Writer {
  async function* write(
    question: string,
    findings: readonly Finding[],
  ): AsyncGenerator<string, void> {
    const sources = sourcesOf(findings)
    if (sources.length === 0) {
      yield* inWords(`The documents say nothing about this: ${question}\n`)
    } else if (ask === undefined) {
      yield* inWords(quoted(findings, sources))
      yield sourceList(findings, sources)
    } else {
      yield* ask({ instruction: INSTRUCTION, text: notes(question, findings, sources) })
      yield `\n\n${sourceList(findings, sources)}`
    }
  }

  async function* inWords(text: string): AsyncGenerator<string, void> {
    for (const word of text.match(/\S+\s*/g) ?? []) {
      yield word
      await sleep(msPerWord, undefined, { signal })
    }
  }

  return observe(write, { name: 'writer', kind: 'agent' })
}
