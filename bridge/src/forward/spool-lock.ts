import { randomUUID } from 'node:crypto'
import { open, readFile, rename, stat, unlink, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive, ownIdentity, type ProcessIdentity } from './process-identity.ts'

/** What the lock's file is called. */
export const LOCK_NAME = 'spancast.lock'

const TOUCH_MS = 10_000
// Another machine's processes cannot be asked: their sign of life is the age of the file.
const SILENT_MS = 3 * TOUCH_MS

/**
 * Takes a folder for this process. A lock whose owner has died is taken over.
 *
 * @returns the function that gives it back.
 * @throws Error with `code` `EBUSY` if another process, or another part of this one, has it.
 */
export async function lockFolder(dir: string): Promise<() => Promise<void>> {
  const path = join(dir, LOCK_NAME)
  const own = JSON.stringify({ ...ownIdentity(), token: randomUUID() })
  if (!(await create(path, own))) {
    await takeOver(path, dir)
    if (!(await create(path, own))) throw inUse(dir, 'another process')
  }
  const touching = setInterval(() => {
    const now = new Date()
    utimes(path, now, now).catch(() => {})
  }, TOUCH_MS)
  touching.unref()
  return async () => {
    clearInterval(touching)
    const held = await readFile(path, 'utf8').catch(() => '')
    if (held === own) await unlink(path).catch(() => {})
  }
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      await file.writeFile(content)
    } finally {
      await file.close()
    }
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

/** Removes the lock of a process that is no more. */
async function takeOver(path: string, dir: string): Promise<void> {
  let content: string
  try {
    content = await readFile(path, 'utf8')
    const { mtimeMs } = await stat(path)
    const owner = ownerIn(content)
    const isSilent = Date.now() - mtimeMs > SILENT_MS
    // One without an owner is about to be written, or its writer died right then.
    const isHeld = owner?.host === ownIdentity().host ? isAlive(owner) : !isSilent
    if (isHeld) {
      throw inUse(dir, owner === undefined ? 'another process' : nameOf(owner))
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  // Two may come to this point at once: only one of them gets the file that was read above.
  const aside = `${path}.${randomUUID()}`
  await rename(path, aside).catch(() => {})
  const taken = await readFile(aside, 'utf8').catch(() => content)
  if (taken !== content) {
    await rename(aside, path)
    throw inUse(dir, 'another process')
  }
  await unlink(aside).catch(() => {})
}

function ownerIn(content: string): ProcessIdentity | undefined {
  try {
    const { host, pid, began } = JSON.parse(content)
    const isOwner =
      typeof host === 'string' && Number.isSafeInteger(pid) && pid > 0 && typeof began === 'string'
    return isOwner ? { host, pid, began } : undefined
  } catch {
    return undefined
  }
}

function nameOf({ pid, host }: ProcessIdentity): string {
  return host === ownIdentity().host ? `process ${pid}` : `process ${pid} on ${host}`
}

function inUse(dir: string, owner: string): Error {
  const message = `Expected the spool folder ${dir} to be free, but ${owner} uses it. Stop that one, or give each bridge a folder of its own.`
  return Object.assign(new Error(message), { code: 'EBUSY' })
}
