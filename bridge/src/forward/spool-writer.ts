import { type FileHandle, open, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/** What a file is called until it is whole. */
export const UNFINISHED = '.tmp'

interface Job {
  readonly name: string
  readonly parts: Buffer[]
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

// Node has four threads for files; the rest hides the time between the calls.
const PARALLEL = 8
const MAX_BATCH = 256

/** Writes files so that each is there, whole and on the disk, or not at all. What comes at once shares the last sync. */
export class SpoolWriter {
  readonly #dir: string
  #jobs: Job[] = []
  #running: Promise<void> | undefined

  constructor(dir: string) {
    this.#dir = dir
  }

  /** Resolves when the file would survive a loss of power. @throws Error of the system, and there is no file then. */
  write(name: string, parts: Buffer[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#jobs.push({ name, parts, resolve, reject })
      this.#running ??= this.#run()
    })
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await this.#running
  }

  async #run(): Promise<void> {
    // Those that come in the same turn belong to the first batch.
    await Promise.resolve()
    while (this.#jobs.length > 0) await this.#writeBatch(this.#jobs.splice(0, MAX_BATCH))
    this.#running = undefined
  }

  async #writeBatch(batch: readonly Job[]): Promise<void> {
    const written: Job[] = []
    const left = batch.values()
    const work = async (): Promise<void> => {
      for (const job of left) {
        try {
          await this.#writeFile(job)
          written.push(job)
        } catch (error) {
          job.reject(error)
        }
      }
    }
    await Promise.all(Array.from({ length: PARALLEL }, work))
    if (written.length === 0) return
    try {
      await this.#syncDir()
      for (const job of written) job.resolve()
    } catch (error) {
      await Promise.all(written.map(({ name }) => unlink(join(this.#dir, name)).catch(() => {})))
      for (const job of written) job.reject(error)
    }
  }

  async #writeFile({ name, parts }: Job): Promise<void> {
    const path = join(this.#dir, name)
    const file = await open(path + UNFINISHED, 'wx', 0o600)
    try {
      try {
        await writeAll(file, parts)
        await file.datasync()
      } finally {
        await file.close()
      }
      await rename(path + UNFINISHED, path)
    } catch (error) {
      await unlink(path + UNFINISHED).catch(() => {})
      throw error
    }
  }

  async #syncDir(): Promise<void> {
    // Windows cannot sync a folder, and keeps the order of its own accord.
    if (process.platform === 'win32') return
    const dir = await open(this.#dir, 'r')
    try {
      await dir.sync()
    } finally {
      await dir.close()
    }
  }
}

/** A full disk shows as a short write before it shows as an error. */
async function writeAll(file: FileHandle, parts: readonly Buffer[]): Promise<void> {
  let rest: Buffer[] = parts.filter(({ length }) => length > 0)
  while (rest.length > 0) {
    let { bytesWritten } = await file.writev(rest)
    const after: Buffer[] = []
    for (const part of rest) {
      if (bytesWritten < part.length) after.push(part.subarray(bytesWritten))
      bytesWritten = Math.max(0, bytesWritten - part.length)
    }
    rest = after
  }
}
