import { isSecretKey } from './secret-keys.ts'

const NAME = '([A-Za-z][\\w.-]{1,63})'

// Each level of JSON inside JSON doubles the backslashes before a quote and adds one: 0, 1, 3, 7, 15.
const QUOTED = new RegExp(`(\\\\{0,15})(["'])${NAME}\\1\\2\\s{0,8}:\\s{0,8}`, 'g')

// Starts at the beginning of a word only, or right after a newline written as \n: else a long word is quadratic.
const ASSIGNED = new RegExp(
  `(?:(?<![\\w.\\\\-])|(?<=\\\\[nrt]))-{0,2}${NAME}(?:=|\\s{0,4}[:=]\\s{0,4}(?=\\\\{0,15}["']))`,
  'g',
)

const OPENING_QUOTE = /\\{0,15}["']/y
const BARE_JSON = /[^\s,}\]"'\\]*/y
const BARE = /[^\s&;"'<>\\]*/y

/**
 * Text with the values of secret keys replaced, where they stand as `"key": value` (JSON, also as a
 * string inside JSON, or a printed Python dict), `key=value` (queries, environment, flags) or
 * `key: "value"` (code). A value without an end is replaced up to the end of the text.
 */
export function scrubKeyed(text: string, replacement: string): string {
  return scrub(scrub(text, QUOTED, replacement), ASSIGNED, replacement)
}

function scrub(text: string, pattern: RegExp, replacement: string): string {
  let scrubbed = ''
  let done = 0
  pattern.lastIndex = 0
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const quoted = pattern === QUOTED
    const name = quoted ? match[3] : match[1]
    if (name === undefined || !isSecretKey(name)) continue
    const from = pattern.lastIndex
    const quote = stickyMatch(OPENING_QUOTE, text, from)
    const start = from + quote.length
    const end = quote !== '' ? closingQuote(text, start, quote) : bareEnd(text, from, quoted)
    if (end > start) {
      const around = quoted && quote === '' ? `${match[1] ?? ''}${match[2] ?? ''}` : ''
      scrubbed += text.slice(done, start) + around + replacement + around
      done = end
    }
    pattern.lastIndex = Math.max(end, from)
  }
  return done === 0 ? text : scrubbed + text.slice(done)
}

function closingQuote(text: string, from: number, quote: string): number {
  const mark = quote.slice(-1)
  const slashes = quote.length - 1
  for (let at = text.indexOf(mark, from); at !== -1; at = text.indexOf(mark, at + 1)) {
    let run = 0
    while (at - run > from && text[at - run - 1] === '\\') run++
    // Fewer backslashes close the string around this one.
    if (run < slashes || run % (2 * quote.length) === slashes) return at - Math.min(run, slashes)
  }
  return text.length
}

function bareEnd(text: string, from: number, json: boolean): number {
  const first = text[from]
  if (json && (first === '{' || first === '[')) return closingBracket(text, from)
  return from + stickyMatch(json ? BARE_JSON : BARE, text, from).length
}

function closingBracket(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const char = text[at]
    if (char === '{' || char === '[') depth++
    else if (char === '}' || char === ']') {
      depth--
      if (depth === 0) return at + 1
    } else if (char === '"' || char === "'" || char === '\\') {
      const quote = stickyMatch(OPENING_QUOTE, text, at)
      if (quote === '') continue
      const start = at + quote.length
      at = closingQuote(text, start, quote) + quote.length - 1
    }
  }
  return text.length
}

function stickyMatch(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0] ?? ''
}
