/** One field of the form. */
export interface AskField {
  /** The member of the input that it gives; empty if it gives the whole input. */
  readonly key: string
  readonly word: string
  readonly initial: string
  readonly lines: number
}

const MOST_FIELDS = 6

/** The fields for an input like the example: one for each member of text or number, else one for all as JSON. */
export function fieldsOf(example: unknown): readonly AskField[] {
  if (typeof example === 'object' && example !== null && !Array.isArray(example)) {
    const members = Object.entries(example)
    const plain = members.every(([, value]) => typeof value === 'string')
    if (plain && members.length > 0 && members.length <= MOST_FIELDS) {
      return members.map(([key, value]) => ({ key, word: key, initial: String(value), lines: 1 }))
    }
  }
  const isText = typeof example === 'string'
  const initial = example === undefined ? '' : isText ? example : JSON.stringify(example, null, 2)
  return [{ key: '', word: isText ? 'Input' : 'Input (JSON, or text)', initial, lines: 4 }]
}

/** What the fields say, as the input of a workflow. What is no JSON is text; nothing is no input. */
export function inputOf(
  fields: readonly AskField[],
  values: Readonly<Record<string, string>>,
): unknown {
  const [first] = fields
  if (first === undefined) return undefined
  const textIn = ({ key, initial }: AskField): string => values[key] ?? initial
  if (first.key !== '') {
    return Object.fromEntries(fields.map((field) => [field.key, textIn(field)]))
  }
  const text = textIn(first)
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
