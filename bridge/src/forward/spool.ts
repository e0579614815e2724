import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { ForwardRequest } from './forward-request.ts'
import { decodeSpoolFile, encodeSpoolFile } from './spool-file.ts'
import { lockFolder } from './spool-lock.ts'
import { SpoolWriter, UNFINISHED } from './spool-writer.ts'

/** A request that an earlier process has accepted and not delivered. */
export interface Leftover {
  readonly file: string
  readonly bytes: number
  /** Milliseconds since the Unix epoch. */
  readonly acceptedAt: number
}

// The time comes first, so that names sort in the order of acceptance.
const NAME = /^(\d{15})-[0-9a-f]{8}-\d{10}\.otlp$/
const SET_ASIDE = '.bad'
const LOOK_AT_ONCE = 64

/** A folder that holds accepted requests, one file each, until the upstream has taken them. */
export class Spool {
  readonly #dir: string
  readonly #writer: SpoolWriter
  readonly #unlock: () => Promise<void>
  // The clock may be set back between two processes.
  readonly #tag = randomBytes(4).toString('hex')
  #stored = 0

  private constructor(dir: string, unlock: () => Promise<void>) {
    this.#dir = dir
    this.#writer = new SpoolWriter(dir)
    this.#unlock = unlock
  }

  /**
   * Opens a folder, and makes it if need be. Files of other names than ours are let be.
   *
   * @throws Error with `code` `EBUSY` if another process uses it, else what the system says.
   */
  static async open(dir: string): Promise<{ spool: Spool; leftovers: Leftover[] }> {
    await mkdir(dir, { recursive: true, mode: 0o700 })
    const unlock = await lockFolder(dir)
    try {
      return { spool: new Spool(dir, unlock), leftovers: await leftoversIn(dir) }
    } catch (error) {
      await unlock()
      throw error
    }
  }

  /** Stores a request. @returns its file, once it would survive a loss of power. */
  async store(request: ForwardRequest, acceptedAt: number): Promise<string> {
    const time = String(Math.max(0, Math.trunc(acceptedAt))).padStart(15, '0')
    const file = `${time}-${this.#tag}-${String(++this.#stored).padStart(10, '0')}.otlp`
    await this.#writer.write(file, encodeSpoolFile(request))
    return file
  }

  /** @throws BadSpoolFile if it is damaged, else what the system says. */
  async load(file: string): Promise<ForwardRequest> {
    return decodeSpoolFile(await readFile(join(this.#dir, file)))
  }

  async remove(file: string): Promise<void> {
    await unlink(join(this.#dir, file))
  }

  /** Keeps a file that cannot be delivered for people to look at. @returns its new name. */
  async setAside(file: string): Promise<string> {
    await rename(join(this.#dir, file), join(this.#dir, file + SET_ASIDE))
    return file + SET_ASIDE
  }

  /** Waits for what is being stored, and gives the folder back. */
  async close(): Promise<void> {
    await this.#writer.close()
    await this.#unlock()
  }
}

/** What is left from before, the oldest first. What was never finished was never acknowledged either, and goes. */
async function leftoversIn(dir: string): Promise<Leftover[]> {
  const names = (await readdir(dir)).sort().values()
  const leftovers: Leftover[] = []
  const look = async (): Promise<void> => {
    for (const file of names) {
      const path = join(dir, file)
      if (file.endsWith(UNFINISHED) && NAME.test(file.slice(0, -UNFINISHED.length))) {
        await unlink(path)
      }
      const time = NAME.exec(file)?.[1]
      if (time === undefined) continue
      const { size } = await stat(path)
      leftovers.push({ file, bytes: size, acceptedAt: Number(time) })
    }
  }
  await Promise.all(Array.from({ length: LOOK_AT_ONCE }, look))
  return leftovers.sort((a, b) => (a.file < b.file ? -1 : 1))
}
