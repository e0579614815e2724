import { stripVTControlCharacters } from 'node:util'

/**
 * Text from an agent as a terminal may show it: without escape sequences, control characters and marks that turn
 * the reading direction, so that no document and no model can paint over the screen. Line ends stay.
 */
export function clean(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(/\t/g, '  ')
    .replace(/(?!\n)\p{Cc}|[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, '')
}

/** The same on one line, shortened to a number of characters. */
export function cleanLine(text: string, maxLength: number): string {
  const line = clean(text).replace(/\s+/g, ' ').trim()
  const characters = Array.from(line)
  return characters.length <= maxLength
    ? line
    : `${characters
        .slice(0, maxLength - 1)
        .join('')
        .trimEnd()}…`
}

/** Any JSON value, short and readable: `query: "fuzzy", limit: 8`. Long strings give their length alone. */
export function brief(value: unknown, maxLength: number): string {
  return cleanLine(briefly(value), maxLength)
}

const LONG_STRING = 200

function briefly(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(briefly).join(', ')
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? ''
  const fields = Object.entries(value).map(([key, field]) => {
    const isLong = typeof field === 'string' && field.length > LONG_STRING
    return `${key}: ${isLong ? `${field.length} characters` : JSON.stringify(field)}`
  })
  return fields.join(', ')
}
