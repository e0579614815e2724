import { readFileSync } from 'node:fs'

interface PackageFacts {
  readonly version: string
  /** The oldest Node that it runs on, such as `20.19`. */
  readonly node: string
}

/** What the package says of itself. */
export function packageFacts(): PackageFacts {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  // Our own file: it has both.
  const { version, engines } = JSON.parse(text) as { version: string; engines: { node: string } }
  return { version, node: engines.node.replace(/^>=/, '') }
}
