import { setTimeout as sleep } from 'node:timers/promises'
import { ask } from './ask.ts'

const QUESTIONS = [
  'What does flush do in compression?',
  'How does MiniSearch rank results, and what is a boost?',
  'How deep does qs nest objects, and how are arrays written?',
  'What is a heartbeat in better-sse, and how does a client reconnect?',
  'Which middleware does Express bring, and how does an error handler look?',
  'What does vitest mock, and how are fake timers used?',
]
const EVERY_MS = 15_000
/** An hour of them. */
const AT_MOST = 240

export interface NextQuestionsOptions {
  /** The bridge's own address. */
  readonly url: string
  readonly signal: AbortSignal
}

/**
 * Lets the team go on with a question every now and then, so that whoever opens the page sees it at work. Ends with
 * the signal.
 */
export async function askNextQuestions({ url, signal }: NextQuestionsOptions): Promise<void> {
  try {
    for (let asked = 0; asked < AT_MOST; asked++) {
      await sleep(EVERY_MS, undefined, { signal })
      const question = QUESTIONS[asked % QUESTIONS.length] ?? ''
      // Its run tells how it goes.
      for await (const _ of ask(url, question, signal));
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
