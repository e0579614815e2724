import { realpath } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'

/**
 * The real place of a path inside a folder.
 *
 * @throws If the path leads out of the folder, also by a link, or if nothing is there.
 */
export async function pathInside(folder: string, path: string): Promise<string> {
  const root = await realpath(folder)
  const wanted = resolve(root, path)
  if (isAbsolute(path) || !isWithin(root, wanted)) throw outside(path)
  const real = await realpath(wanted)
  if (!isWithin(root, real)) throw outside(path)
  return real
}

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

function outside(path: string): Error {
  return new Error(`Expected a path inside the corpus, got ${JSON.stringify(path)}.`)
}
