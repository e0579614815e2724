const MAX_LENGTH = 65_536
const TOKEN =
  /\s*(?:('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(True|False|None)\b|(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([{}[\],:]))/isy
const WORDS: Readonly<Record<string, string>> = { True: 'true', False: 'false', None: 'null' }
const ESCAPED: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
const CODE = /\\[xuUN0-7]/

/**
 * The object that a text is as Python writes one, `{'city': 'Lima', 'days': 3}`; any other text is what it is. Some
 * libraries note arguments that way.
 */
export function objectInPython(text: string): unknown {
  if (!text.startsWith("{'") || text.length > MAX_LENGTH) return text
  const json: string[] = []
  TOKEN.lastIndex = 0
  while (TOKEN.lastIndex < text.length) {
    const [, quoted, word, number, mark] = TOKEN.exec(text) ?? []
    if (quoted !== undefined) {
      if (CODE.test(quoted)) return text
      json.push(JSON.stringify(unescaped(quoted.slice(1, -1))))
    } else {
      const plain = word === undefined ? (number ?? mark) : WORDS[word]
      if (plain === undefined) return text
      json.push(plain)
    }
  }
  try {
    return JSON.parse(json.join(''))
  } catch {
    return text
  }
}

function unescaped(body: string): string {
  return body.replace(/\\(.)/gs, (_, char: string) => ESCAPED[char] ?? char)
}
