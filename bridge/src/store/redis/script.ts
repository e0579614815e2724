import { createHash } from 'node:crypto'

/** A Lua script that the server keeps under its hash: sent whole only where it is not known yet. */
export interface Script {
  readonly source: string
  readonly sha: string
}

export function script(source: string): Script {
  return { source, sha: createHash('sha1').update(source).digest('hex') }
}
