const MAX_PARTS = 20

/** Any JSON value in a few words: `{ query: "fuzzy", limit: 8 }` gives `query: "fuzzy", limit: 8`. */
export function brief(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.slice(0, MAX_PARTS).map(brief).join(', ')
  if (typeof value !== 'object') return String(value)
  const fields = Object.entries(value).slice(0, MAX_PARTS)
  return fields.map(([name, field]) => `${name}: ${JSON.stringify(field) ?? ''}`).join(', ')
}
