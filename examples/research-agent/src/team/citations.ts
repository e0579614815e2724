import type { Finding } from './researcher.ts'
import { packageOf } from './tools.ts'

/** A place that the answer cites. */
export interface Source {
  readonly path: string
  readonly section: string
}

/** The places that are quoted, each once: source `n` of the answer is the one at `n - 1`. */
export function sourcesOf(findings: readonly Finding[]): Source[] {
  const sources = new Map<string, Source>()
  for (const { path, section } of findings.flatMap(({ quotes }) => quotes)) {
    sources.set(`${path}#${section}`, { path, section })
  }
  return [...sources.values()]
}

/** The answer without a model: the quotes under the topic that each was found for. */
export function quoted(findings: readonly Finding[], sources: readonly Source[]): string {
  const parts = findings.map(({ topic, quotes }) => {
    const heading = `${topic.charAt(0).toUpperCase()}${topic.slice(1)}`
    if (quotes.length === 0) return `${heading}\nThe documents say nothing about this.`
    const sentences = quotes.map((quote, position) => {
      const next = quotes[position + 1]
      const number = numberOf(quote, sources)
      if (next === undefined || numberOf(next, sources) !== number)
        return `${quote.text} [${number}]`
      return next.continues ? quote.text : `${quote.text} …`
    })
    return `${heading}\n${sentences.join(' ')}`
  })
  return `Quoted word for word, no model has written this:\n\n${parts.join('\n\n')}\n\n`
}

/** What a model is given to write from. */
export function notes(
  question: string,
  findings: readonly Finding[],
  sources: readonly Source[],
): string {
  const quotes = findings.flatMap(({ topic, quotes }) => [
    `About: ${topic}`,
    ...quotes.map((quote) => `[${numberOf(quote, sources)}] ${quote.section}: ${quote.text}`),
  ])
  return `Question: ${question}\n\nNotes:\n${quotes.join('\n')}`
}

/** The numbered list at the end of the answer. */
export function sourceList(findings: readonly Finding[], sources: readonly Source[]): string {
  const releases: Finding['releases'] = Object.assign(
    {},
    ...findings.map(({ releases }) => releases),
  )
  const lines = sources.map(({ path, section }, position) => {
    const release = releases[packageOf(path)]
    return `[${position + 1}] ${path}, ${lastHeadings(section)}${release ? ` (newest release: ${release})` : ''}`
  })
  return `Sources\n${lines.join('\n')}\n`
}

function lastHeadings(section: string): string {
  return section.split(' › ').slice(-2).join(' › ') || 'the beginning'
}

function numberOf(source: Source, sources: readonly Source[]): number {
  return (
    sources.findIndex(({ path, section }) => path === source.path && section === source.section) + 1
  )
}
