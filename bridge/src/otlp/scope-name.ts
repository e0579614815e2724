import type { PbfReader } from 'pbf'
import type { Range } from './span-table.ts'
import { readEnd, readTag, skipField } from './wire.ts'

/** Finds the name in the bytes of a scope. @returns whether there is one. */
export function findScopeName(pbf: PbfReader, scope: Range, name: Range): boolean {
  let found = false
  pbf.pos = Math.max(scope.from, 0)
  while (pbf.pos < scope.to) {
    const tag = readTag(pbf)
    if (tag >>> 3 === 1) {
      found = true
      name.to = readEnd(pbf, scope.to)
      name.from = pbf.pos
      pbf.pos = name.to
    } else {
      skipField(pbf, tag & 7, scope.to)
    }
  }
  return found
}
