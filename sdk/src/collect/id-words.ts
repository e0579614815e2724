/** Ids as numbers of 32 bits: a trace id is four of them, a span id two. All zero is none. */

const DIGITS_A_WORD = 8

/** Writes an id of hexadecimal digits as numbers, from `at` on. */
export function writeWords(id: string, into: Uint32Array, at: number): void {
  for (let from = 0; from < id.length; from += DIGITS_A_WORD) {
    let word = 0
    for (let i = from; i < from + DIGITS_A_WORD; i++) word = (word << 4) | digitOf(id.charCodeAt(i))
    into[at++] = word
  }
}

/** The id that `count` numbers from `at` on stand for, in lower-case hexadecimal digits. */
export function idOfWords(words: Uint32Array, at: number, count: number): string {
  let id = ''
  for (let i = at; i < at + count; i++) {
    id += (words[i] as number).toString(16).padStart(DIGITS_A_WORD, '0')
  }
  return id
}

function digitOf(code: number): number {
  // '0' to '9', or a letter of either case.
  return code < 58 ? code - 48 : (code | 32) - 87
}
