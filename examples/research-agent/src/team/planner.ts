import { emit, observe } from '@spancast/sdk'
import { termsOf } from '../library/words.ts'
import type { Ask } from './model.ts'

/** Splits a question into the topics that are researched side by side. */
export type Planner = (question: string) => Promise<string[]>

/** Researchers that work at the same time. A question with more parts gives the last one the rest. */
export const MAX_TOPICS = 3

const INSTRUCTION = `Split the user's question into at most ${MAX_TOPICS} short, self-contained questions that can be
researched independently in the documentation of npm packages. Keep the names of packages. If it is one question,
repeat it. Write one question a line and nothing else.`

/** @param ask - The model that plans; without one the question is split at its joints. */
export function createPlanner(ask: Ask | undefined): Planner {
  const plan: Planner = async (question) => {
    const proposed = ask === undefined ? [] : await linesFrom(ask, question)
    const topics = proposed.length > 0 ? proposed : splitQuestion(question)
    emit('decision_made', {
      decision:
        topics.length === 1 ? 'one researcher' : `${topics.length} researchers side by side`,
      topics,
    })
    return topics
  }
  return observe(plan, { name: 'planner', kind: 'agent' })
}

/**
 * The parts of a question: cut where a new question word begins. A short part that says *it* or *they* keeps the
 * one before it in brackets.
 *
 * @returns 1 to `MAX_TOPICS` parts.
 */
export function splitQuestion(question: string): string[] {
  const joint =
    /\s*[?;]+\s*|[.!]\s+|\s*(?:,\s*(?:and|but|or)|,|\s(?:and|but|or))\s+(?=(?:how|what|why|when|where|which|who|can|does|do|is|are|should)\b)/i
  const parts = question
    .split(joint)
    .map((part) => part.replace(/\s+/g, ' ').trim())
    .filter((part) => termsOf(part).size > 0)
  const topics = parts.map((part, position) => {
    const before = parts[position - 1]
    const leans = /\b(it|its|they|them|their)\b/i.test(part) && termsOf(part).size <= 2
    return before !== undefined && leans ? `${part} (${before})` : part
  })
  if (topics.length === 0) return [question.trim()]
  if (topics.length <= MAX_TOPICS) return topics
  return [...topics.slice(0, MAX_TOPICS - 1), topics.slice(MAX_TOPICS - 1).join('; ')]
}

async function linesFrom(ask: Ask, question: string): Promise<string[]> {
  let text = ''
  for await (const part of ask({ instruction: INSTRUCTION, text: question })) text += part
  return text
    .split('\n')
    .map((line) => line.replace(/^\s*(?:[-*]|\d+[.)])\s*/, '').trim())
    .filter((line) => line !== '')
    .slice(0, MAX_TOPICS)
}
