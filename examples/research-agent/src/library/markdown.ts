/** A stretch of a document that stands under one heading. */
export interface Passage {
  /** The headings above it, outermost first. */
  readonly headings: readonly string[]
  /** Paragraphs and list items as plain text, without code blocks, badges, tables and HTML. */
  readonly blocks: readonly string[]
}

/** Of one block; what is longer is no prose, and the rest of it is left out. */
const MAX_BLOCK = 5_000

/** The prose of a Markdown or plain text document, in reading order. Sections without prose are left out. */
export function passagesOf(markdown: string): Passage[] {
  const passages: Passage[] = []
  const headings: { readonly level: number; readonly title: string }[] = []
  let blocks: string[] = []
  let lines: string[] = []

  const endBlock = () => {
    const block = plainText(lines.join(' ').slice(0, MAX_BLOCK))
    if (isProse(block)) blocks.push(block)
    lines = []
  }
  const endPassage = () => {
    endBlock()
    if (blocks.length > 0) passages.push({ headings: headings.map(({ title }) => title), blocks })
    blocks = []
  }
  const enter = (level: number, title: string) => {
    while ((headings.at(-1)?.level ?? 0) >= level) headings.pop()
    if (title !== '') headings.push({ level, title })
  }

  for (const line of proseLinesOf(markdown)) {
    const heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line)
    const underline = /^ {0,3}(=|-){3,}\s*$/.exec(line)
    if (heading !== null) {
      endPassage()
      enter(heading[1]?.length ?? 1, plainText(heading[2] ?? ''))
    } else if (underline !== null && lines.length === 1) {
      const title = plainText(lines.pop() ?? '')
      endPassage()
      enter(underline[1] === '=' ? 1 : 2, title)
    } else if (/^\s*([-*+]|\d+[.)])\s+/.test(line)) {
      endBlock()
      lines.push(line.replace(/^\s*([-*+]|\d+[.)])\s+(\[[ x]\]\s+)?/, ''))
    } else if (line.trim() === '') {
      endBlock()
    } else {
      lines.push(line.replace(/^[\s>]+/, '').trim())
    }
  }
  endPassage()
  return passages
}

/** Inline Markdown and HTML as the text that a reader would see. */
export function plainText(markdown: string): string {
  return markdown
    .replace(/!\[[^\]]*\](\([^)]*\)|\[[^\]]*\])/g, '')
    .replace(/\[((?:[^[\]]|\[[^\]]*\])*)\](?:\((?:[^()]|\([^)]*\))*\)|\[[^\]]*\])/g, '$1')
    .replace(/<(https?:[^>]+)>/g, '$1')
    .replace(/<\/?[a-z][^>]*>/gi, ' ')
    .replace(/^\[!\w+\]\s*/, '')
    .replace(/(\*\*|__)(?=\S)(.+?)\1/g, '$2')
    .replace(/(^|[\s(])[*_](?=\S)([^*_`]+?)[*_](?=[\s.,;:!?)]|$)/g, '$1$2')
    .replace(/\\([\\`*_{}[\]()#+.!&<>-])/g, '$1')
    .replace(/&nbsp;/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .trim()
}

function* proseLinesOf(markdown: string): Generator<string> {
  let fence: string | undefined
  let afterBlank = true
  for (const line of withoutComments(markdown).split(/\r\n|\r|\n/)) {
    const mark = /^[\s>]*(`{3,}|~{3,})/.exec(line)?.[1]
    if (fence !== undefined) {
      if (mark?.startsWith(fence)) fence = undefined
      continue
    }
    if (mark !== undefined) {
      fence = mark
      yield ''
      continue
    }
    const indentedCode =
      /^( {4}|\t)/.test(line) && afterBlank && !/^\s*([-*+]|\d+[.)])\s/.test(line)
    const reference = /^\s*\[[^\]]+\]:\s*\S+/.test(line)
    const tableRow = /^\s*\|.*\|\s*$/.test(line)
    if (!indentedCode) afterBlank = line.trim() === ''
    yield indentedCode || reference || tableRow ? '' : line
  }
}

function withoutComments(markdown: string): string {
  let kept = ''
  let from = 0
  for (let start = markdown.indexOf('<!--'); start >= 0; start = markdown.indexOf('<!--', from)) {
    const end = markdown.indexOf('-->', start)
    if (end < 0) break
    kept += markdown.slice(from, start)
    from = end + 3
  }
  return kept + markdown.slice(from)
}

function isProse(block: string): boolean {
  return /\p{L}{2}.*\s.*\p{L}{2}/u.test(block)
}
