import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose_gc')
const collect = runInNewContext('gc') as () => void

/** Collects garbage until `done`; gives up after 200 rounds. */
export async function collectGarbageUntil(done: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !done(); round++) {
    collect()
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}
