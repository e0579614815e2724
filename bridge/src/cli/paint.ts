const CODES = { red: 31, green: 32, yellow: 33, blue: 34, cyan: 36, gray: 90 } as const

export type Color = keyof typeof CODES

/** The text in a colour of the terminal. Not `styleText`, which looks at stdout whatever it is for. */
export function paint(color: Color, text: string): string {
  return `\u001b[${CODES[color]}m${text}\u001b[39m`
}
