import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const POLL_MS = 500

/**
 * Waits until no other process holds the lock, and takes it. One whose owner is gone is taken over.
 *
 * @param onWait - Called once, if there is another one to wait for.
 * @returns the function that gives it back.
 */
export async function locked(lock, onWait) {
  const own = `${lock}.${process.pid}`
  writeFileSync(own, String(process.pid))
  try {
    // A link, not a new file: it is never there without its owner's number in it.
    for (let told = false; !linked(own, lock); ) {
      if (!isAlive(ownerOf(lock))) {
        rmSync(lock, { force: true })
        continue
      }
      if (!told) onWait()
      told = true
      await sleep(POLL_MS)
    }
  } finally {
    rmSync(own, { force: true })
  }
  return () => rmSync(lock, { force: true })
}

function linked(from, to) {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

function ownerOf(file) {
  try {
    return Number(readFileSync(file, 'utf8'))
  } catch {
    return 0
  }
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}
