import { styleText } from 'node:util'

/** How text is marked up: returns it as it is where colours are not wanted. */
export type Paint = (style: Parameters<typeof styleText>[0], text: string) => string

/** Colours for a terminal; plain text for pipes and files, for `NO_COLOR` and for `TERM=dumb`. */
export function paintFor(out: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  const coloured = out.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb'
  return coloured
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_, text) => text
}
