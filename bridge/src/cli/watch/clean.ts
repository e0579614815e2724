import { stripVTControlCharacters } from 'node:util'

// What a terminal obeys, and what turns the direction in which people read.
const CONTROLS = /(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu

/**
 * Text from agents as a terminal may show it: no escape sequence, control character or mark of direction in it does
 * anything, and lone surrogates are replaced. Line ends and tabs stay.
 */
export function clean(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(CONTROLS, '')
    .replace(/\p{Cs}/gu, '\ufffd')
}

/** In one line, of that many characters at most. */
export function oneLine(text: string, maxLength: number): string {
  const characters = Array.from(text.replace(/\s+/g, ' ').trim())
  if (characters.length <= maxLength) return characters.join('')
  return `${characters
    .slice(0, Math.max(0, maxLength - 1))
    .join('')
    .trimEnd()}…`
}

/** Enough of a text for a line, whatever is taken out of it: a megabyte need not be looked at. */
export function head(text: string, maxLength: number): string {
  return text.slice(0, maxLength * 20)
}

// What JSON leaves as it is, though a terminal obeys it.
const NOT_ESCAPED = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g

/** A value as one line of JSON: what a terminal would obey is escaped, which means the same to whoever parses it. */
export function jsonLine(value: unknown): string {
  const json = JSON.stringify(value)
  return `${json.replace(NOT_ESCAPED, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`
}
