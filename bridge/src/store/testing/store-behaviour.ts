import { lettingGo } from './behaviour/letting-go.ts'
import { list } from './behaviour/list.ts'
import { oneRun } from './behaviour/one-run.ts'
import { type OpenStore, storesOf } from './behaviour/opened-store.ts'
import { waiting } from './behaviour/waiting.ts'
import { watching } from './behaviour/watching.ts'

/** What every store does, whatever holds its runs. */
export function storeBehaviour(open: OpenStore): void {
  const start = storesOf(open)
  for (const part of [oneRun, waiting, list, watching, lettingGo]) part(start)
}
