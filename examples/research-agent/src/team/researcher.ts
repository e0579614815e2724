import { emit, emitProgress, observe } from '@spancast/sdk'
import type { Library } from '../library/library.ts'
import { passagesOf } from '../library/markdown.ts'
import { bestSentences, type ScoredPassage, type Sentence } from '../library/sentences.ts'
import { packageOf, type Tools } from './tools.ts'

/** What a researcher brings back about one topic. */
export interface Finding {
  readonly topic: string
  /** The sentences that say most about it, in reading order. Empty if nothing was found. */
  readonly quotes: readonly Sentence[]
  /** The newest changelog entry by package, `null` for a package without one. */
  readonly releases: Readonly<Record<string, string | null>>
}

export type Researcher = (topic: string) => Promise<Finding>

export interface ResearcherOptions {
  readonly library: Library
  readonly tools: Tools
  /** Sentences brought back at most. */
  readonly quotes: number
}

const HITS = 8
const DOCUMENTS = 2

/** @param name - Tells researchers that work at the same time apart. */
export function createResearcher(name: string, options: ResearcherOptions): Researcher {
  const { library, tools } = options

  const research: Researcher = async (topic) => {
    const hits = tools.searchFiles({ query: topic, limit: HITS })
    const paths = [...new Set(hits.map(({ path }) => path))].slice(0, DOCUMENTS)
    if (paths.length === 0) {
      emit('decision_made', { decision: 'nothing found, give up on this topic' })
      return { topic, quotes: [], releases: {} }
    }
    emitProgress({ message: `${hits.length} passages found, reading ${paths.join(' and ')}` })

    const scores = new Map(hits.map(({ path, section, score }) => [`${path}#${section}`, score]))
    const documents = await Promise.all(paths.map((path) => tools.readDocument({ path })))
    const passages = documents.flatMap(({ path, text }) =>
      passagesOf(text).flatMap(({ headings, blocks }): ScoredPassage[] => {
        const section = headings.join(' › ')
        const score = scores.get(`${path}#${section}`)
        return score === undefined ? [] : [{ path, section, blocks, score }]
      }),
    )
    const quotes = bestSentences(topic, passages, library.index.weightOf, options.quotes)
    return { topic, quotes, releases: await releasesOf(quotes) }
  }

  const releasesOf = async (quotes: readonly Sentence[]): Promise<Finding['releases']> => {
    const releases: Record<string, string | null> = {}
    for (const name of new Set(quotes.map(({ path }) => packageOf(path)))) {
      try {
        releases[name] = (await tools.readChangelog({ package: name })).newest
      } catch {
        releases[name] = null
        emit('decision_made', { decision: `quote ${name} without its newest release` })
      }
    }
    return releases
  }

  return observe(research, { name, kind: 'agent' })
}

/** The same findings with each quote once, for the topic that came first; no topic is left empty by that. */
export function withoutRepeats(findings: readonly Finding[]): Finding[] {
  const said = new Set<string>()
  return findings.map((finding) => {
    const fresh = finding.quotes.filter(({ text }) => !said.has(text))
    for (const { text } of fresh) said.add(text)
    return fresh.length === 0 ? finding : { ...finding, quotes: fresh }
  })
}
