import MiniSearch from 'minisearch'
import type { CorpusFile } from './corpus.ts'
import { passagesOf } from './markdown.ts'
import { termOf, wordsOf } from './words.ts'

/** A passage that answers a query. */
export interface Hit {
  /** The document, relative to the corpus folder. */
  readonly path: string
  /** The headings above the passage, outermost first, such as `API › Options › limit`. */
  readonly section: string
  /** How the passage begins. */
  readonly excerpt: string
  /** How well it fits; only to be compared within one answer. */
  readonly score: number
}

export interface SearchIndex {
  /** How many passages can be found. */
  readonly size: number
  /** The best passages, best first. Words may be misspelt and unfinished. */
  search(query: string, limit: number): Hit[]
  /** How much a term (see `termsOf`) tells: 0 in every passage, rising the rarer it is. */
  weightOf(term: string): number
}

const EXCERPT_LENGTH = 200

/** Indexes the passages of documents for full-text search. */
export function createSearchIndex(files: readonly CorpusFile[]): SearchIndex {
  const frequencies = new Map<string, number>()
  const index = new MiniSearch({
    fields: ['name', 'section', 'text'],
    storeFields: ['path', 'section', 'excerpt'],
    tokenize: wordsOf,
    processTerm: (word) => termOf(word) ?? null,
    searchOptions: {
      boost: { name: 4, section: 2 },
      fuzzy: (term) => (term.length > 5 ? 0.15 : false),
      prefix: (term) => term.length > 3,
      weights: { fuzzy: 0.2, prefix: 0.3 },
    },
  })

  for (const { path, text } of files) {
    passagesOf(text).forEach(({ headings, blocks }, position) => {
      const section = headings.join(' › ')
      const passage = blocks.join('\n')
      index.add({
        id: `${path}#${position}`,
        path,
        section,
        name: path.replaceAll(/node_modules\/|\/[^/]*$/g, ' '),
        text: passage,
        excerpt: passage.length > EXCERPT_LENGTH ? `${passage.slice(0, EXCERPT_LENGTH)}…` : passage,
      })
      const terms = new Set(wordsOf(`${path} ${section} ${passage}`).map(termOf))
      for (const term of terms) {
        if (term !== undefined) frequencies.set(term, (frequencies.get(term) ?? 0) + 1)
      }
    })
  }

  return {
    get size() {
      return index.documentCount
    },
    search: (query, limit) =>
      index
        .search(query)
        .slice(0, limit)
        .map(({ path, section, excerpt, score }) => ({
          path: String(path),
          section: String(section),
          excerpt: String(excerpt),
          score: Math.round(score * 10) / 10,
        })),
    weightOf: (term) => Math.log((index.documentCount + 1) / ((frequencies.get(term) ?? 0) + 1)),
  }
}
