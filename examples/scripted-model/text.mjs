/** The text of a message's content, which is a string or a list of parts. */
export function textOf(content) {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  return content.map(({ text = '' }) => text).join('')
}
