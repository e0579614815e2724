import type { CommandIo, Output } from '../command.ts'
import type { GivenFlags } from '../given-flags.ts'
import { type Color, paint } from '../paint.ts'
import { UsageError } from '../usage-error.ts'
import { clean, head, oneLine } from './clean.ts'

export const COLOR_CHOICES = ['auto', 'always', 'never'] as const

/** What can be seen where the text goes. */
export interface Look {
  readonly colored: boolean
  /** Whether it shows more than ASCII. */
  readonly unicode: boolean
  /** Characters in a line; `undefined` where lines have no end. */
  readonly columns: number | undefined
}

/**
 * How text is to look there: as the flags say, else as fits a terminal, a pipe, `NO_COLOR`, `TERM=dumb` and the locale.
 *
 * @throws UsageError for a `--color` that there is not.
 */
export function lookOf(given: GivenFlags, { env }: CommandIo, out: Output): Look {
  const color = given.value('color') ?? 'auto'
  if (!COLOR_CHOICES.some((one) => one === color)) {
    throw new UsageError(`Expected --color to be ${COLOR_CHOICES.join(', ')}, got '${color}'.`)
  }
  const isDull = Boolean(env.NO_COLOR) || env.TERM === 'dumb'
  const colored = color === 'always' || (color === 'auto' && out.isTTY === true && !isDull)
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  const unicode = process.platform === 'win32' || /utf-?8/i.test(locale)
  return { colored, unicode, columns: out.isTTY === true ? (out.columns ?? 80) : undefined }
}

const ASCII: Readonly<Record<string, string>> = {
  ...{ '▶': '>', '✔': '+', '✖': 'x', '◌': '~', '·': '*', '⚠': '!', '│': '|', '…': '...' },
  ...{ '→': '->', '≥': '>=', '—': '-', '├': '|', '└': '`', '─': '-' },
}

/** Marks up text for a look. */
export class Brush {
  readonly look: Look

  constructor(look: Look) {
    this.look = look
  }

  paint(color: Color, text: string): string {
    return this.look.colored && text !== '' ? paint(color, text) : text
  }

  /** Text that the place can show: ours in signs of its own, what else it has no sign for as `?`. */
  fit(text: string): string {
    if (this.look.unicode) return text
    return text.replace(/\P{ASCII}/gu, (sign) => ASCII[sign] ?? '?')
  }
}

/** Writes data, and waits for readers that are slower than the run. */
export class Pen {
  readonly #out: Output
  readonly #raw: boolean

  /** @param raw - Whether what a terminal would obey is left in the words of agents. */
  constructor(out: Output, raw: boolean) {
    this.#out = out
    this.#raw = raw
  }

  /** Words of agents as they may be written. */
  words(text: string): string {
    return this.#raw ? text : clean(text)
  }

  /** The same in one line, of that many characters at most. */
  line(text: string, maxLength: number): string {
    return this.#raw ? oneLine(text, maxLength) : oneLine(clean(head(text, maxLength)), maxLength)
  }

  async write(text: string): Promise<void> {
    if (text === '' || this.#out.write(text) !== false) return
    await this.#out.drained?.()
  }
}
