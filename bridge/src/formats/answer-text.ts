/**
 * The text in what a model call, an agent or a run returned: a string, a result with its `text`, or messages as the
 * GenAI conventions and the model vendors write them. @returns `undefined` if it has none.
 */
export function answerText(output: unknown): string | undefined {
  const text = Array.isArray(output) ? textOfAll(output) : textOf(output)
  return text === undefined || text.trim() === '' ? undefined : text
}

function textOfAll(messages: readonly unknown[]): string | undefined {
  const texts = messages.filter(isMessage).map(textOf)
  // A list of something else is data, whatever one of its members looks like.
  if (texts.length < messages.length) return undefined
  return texts.filter((text) => text !== undefined).join('\n\n')
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (!isRecord(value)) return undefined
  const { text, content, parts, choices } = value
  if (typeof text === 'string') return text
  if (Array.isArray(choices)) return isRecord(choices[0]) ? textOf(choices[0].message) : undefined
  if (!isMessage(value)) return undefined
  if (typeof content === 'string') return content
  const pieces = Array.isArray(parts) ? parts : Array.isArray(content) ? content : []
  return pieces.map(textOfPart).join('')
}

function textOfPart(part: unknown): string {
  if (!isRecord(part) || part.type !== 'text') return ''
  const { text, content } = part
  return typeof text === 'string' ? text : typeof content === 'string' ? content : ''
}

function isMessage(value: unknown): value is Readonly<Record<string, unknown>> {
  return isRecord(value) && value.role === 'assistant'
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
