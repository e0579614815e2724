const MAX_LABEL = 240
// Controls, marks that turn the writing direction, and halves of characters: what could make a label lie.
const UNSEEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** Foreign text as one line of a label: short, and with every character that would not be seen made visible. */
export function label(text: string): string {
  const short = text.length > MAX_LABEL ? `${text.slice(0, MAX_LABEL)}…` : text
  return short.replace(UNSEEN, seen)
}

function seen(character: string): string {
  const code = character.charCodeAt(0)
  if (character === '\n' || character === '\r' || character === '\t') return ' '
  if (code < 0x20) return String.fromCharCode(0x2400 + code)
  return code === 0x7f ? '␡' : '�'
}
