import { termsOf } from './words.ts'

/** A stretch of prose and how well it was found to fit, as `SearchIndex.search` tells. */
export interface ScoredPassage {
  readonly path: string
  readonly section: string
  readonly blocks: readonly string[]
  readonly score: number
}

/** A sentence as it stands in a document. */
export interface Sentence {
  readonly path: string
  readonly section: string
  readonly text: string
  /** Whether it stands right behind the sentence before it in the answer, nothing left out. */
  readonly continues: boolean
}

interface Candidate extends Omit<Sentence, 'continues'> {
  readonly terms: ReadonlySet<string>
  readonly fit: number
}

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'sentence' })
const HEADING_SHARE = 0.4
const PASSAGE_SHARE = 0.5
const FOLLOWING_SHARE = 0.15
/** A sentence that fits less than this part of the best one says too little. */
const LEAST_SHARE = 0.6

/**
 * The sentences that say most about a topic, best passage first and in reading order within it. None says what
 * another has said already.
 *
 * @param weightOf - How much a term tells, as `SearchIndex.weightOf`.
 * @param count - How many at most.
 */
export function bestSentences(
  topic: string,
  passages: readonly ScoredPassage[],
  weightOf: (term: string) => number,
  count: number,
): Sentence[] {
  const wanted = [...termsOf(topic)].map((term) => ({ term, weight: weightOf(term) }))
  const total = wanted.reduce((sum, { weight }) => sum + weight, 0)
  const top = Math.max(...passages.map(({ score }) => score), 0)
  if (total === 0 || top === 0) return []

  const candidates = passages.flatMap((passage) => {
    const above = termsOf(`${passage.path} ${passage.section}`)
    return passage.blocks.flatMap((block) => {
      let before = 0
      return sentencesOf(block).map((text): Candidate => {
        const terms = termsOf(text)
        const covered = wanted.reduce(
          (sum, { term, weight }) =>
            sum + (terms.has(term) ? weight : above.has(term) ? weight * HEADING_SHARE : 0),
          0,
        )
        const own = covered / total + PASSAGE_SHARE * Math.sqrt(passage.score / top)
        // The sentence after a good one usually finishes its thought.
        const fit = (own + FOLLOWING_SHARE * before) * readability(text)
        before = own
        return { path: passage.path, section: passage.section, text, terms, fit }
      })
    })
  })

  const chosen: Candidate[] = []
  for (const candidate of [...candidates].sort((a, b) => b.fit - a.fit)) {
    if (chosen.length === count) break
    if (!isReadable(candidate.text)) continue
    if (candidate.fit < LEAST_SHARE * (chosen[0]?.fit ?? 0)) break
    if (!chosen.some((other) => overlap(candidate.terms, other.terms) > 0.7)) chosen.push(candidate)
  }

  const rankOf = ({ path, section }: Candidate) =>
    chosen.findIndex((other) => path === other.path && section === other.section)
  const inOrder = chosen
    .map((sentence) => ({ sentence, rank: rankOf(sentence), at: candidates.indexOf(sentence) }))
    .sort((a, b) => a.rank - b.rank || a.at - b.at)
  return inOrder.map(({ sentence: { path, section, text }, rank, at }, position) => {
    const before = inOrder[position - 1]
    return { path, section, text, continues: before?.rank === rank && before.at === at - 1 }
  })
}

function sentencesOf(block: string): string[] {
  return Array.from(SEGMENTER.segment(block), ({ segment }) => segment.trim())
}

function isReadable(text: string): boolean {
  const letters = text.match(/\p{L}/gu)?.length ?? 0
  // A colon at the end announces code or a list, which is not quoted.
  return (
    text.length >= 25 &&
    text.length <= 500 &&
    letters > text.length * 0.6 &&
    !/[:：]$|^https?:/.test(text)
  )
}

function readability(text: string): number {
  if (text.length < 32) return 0.7
  if (text.length > 320) return 0.8
  return /^[\p{Lu}`"'(]/u.test(text) && /[.!?)"']$/.test(text) ? 1 : 0.85
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const shared = [...a].filter((term) => b.has(term)).length
  return shared / Math.max(1, Math.min(a.size, b.size))
}
