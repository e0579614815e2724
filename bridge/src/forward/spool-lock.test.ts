import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ownIdentity } from './process-identity.ts'
import { LOCK_NAME, lockFolder } from './spool-lock.ts'
import { temporaryFolder } from './testing/temporary-folder.ts'

let dir: string
let lock: string
let remove: () => Promise<void>
const releases: (() => Promise<void>)[] = []

beforeEach(async () => {
  ;({ dir, remove } = await temporaryFolder())
  lock = join(dir, LOCK_NAME)
})
afterEach(async () => {
  await Promise.all(releases.splice(0).map((release) => release()))
  await remove()
})

async function take(): Promise<void> {
  releases.push(await lockFolder(dir))
}

test('a folder is for one at a time, and free again afterwards', async () => {
  const release = await lockFolder(dir)

  await expect(take()).rejects.toMatchObject({
    code: 'EBUSY',
    message: expect.stringContaining(dir),
  })
  await release()
  await release()
  await take()

  expect(await readdir(dir)).toEqual([LOCK_NAME])
})

test('the lock of a process that runs holds, and names it', async () => {
  const child = spawn(process.execPath, ['-e', 'process.stdin.resume()'])
  await once(child, 'spawn')
  const began = await beginOf(child.pid ?? 0)
  await writeFile(lock, JSON.stringify({ host: hostname(), pid: child.pid, began }))

  await expect(take()).rejects.toThrow(`process ${child.pid} uses it`)

  child.kill('SIGKILL')
  await once(child, 'exit')
  await take()
})

test('a process that got the id of the dead one does not hold its lock', async () => {
  await writeFile(lock, JSON.stringify({ ...ownIdentity(), began: 'long ago' }))

  await take()
})

test('the lock of another machine holds while it gives signs of life', async () => {
  await writeFile(lock, JSON.stringify({ host: 'elsewhere', pid: 1, began: 'x' }))

  await expect(take()).rejects.toThrow('process 1 on elsewhere')

  const before = new Date(Date.now() - 31_000)
  await utimes(lock, before, before)
  await take()
})

test.each(['', 'null', '{"host":"a","pid":"1"}'])(
  'a lock that says nothing (%j) is somebody about to write it, for a while',
  async (content) => {
    await writeFile(lock, content)

    await expect(take()).rejects.toMatchObject({ code: 'EBUSY' })

    const before = new Date(Date.now() - 31_000)
    await utimes(lock, before, before)
    await take()
  },
)

test('of many that find the lock of a dead process at once, one gets it', async () => {
  await writeFile(lock, JSON.stringify({ ...ownIdentity(), began: 'long ago' }))

  const results = await Promise.allSettled(Array.from({ length: 20 }, take))

  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  expect(JSON.parse(await readFile(lock, 'utf8'))).toMatchObject(ownIdentity())
})

test('giving back a lock that others have taken leaves it to them', async () => {
  const release = await lockFolder(dir)
  await writeFile(lock, 'theirs')

  await release()

  expect(await readFile(lock, 'utf8')).toBe('theirs')
})

async function beginOf(pid: number): Promise<string> {
  if (process.platform !== 'linux') return 'unknown'
  const boot = (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim()
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
  return `${boot}/${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
}
