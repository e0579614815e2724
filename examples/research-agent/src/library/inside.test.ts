import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '../testing/temp-folder.ts'
import { pathInside } from './inside.ts'

test('a path inside the folder is found', async () => {
  const folder = await tempFolder({ 'a/b.md': '', '..c.md': '' })

  expect(await pathInside(folder, 'a/b.md')).toMatch(/b\.md$/)
  expect(await pathInside(folder, '..c.md')).toMatch(/\.\.c\.md$/)
  expect(await pathInside(folder, '.')).toBeTruthy()
})

test.each(['../outside.md', 'a/../../outside.md', '/etc/hostname', '..'])(
  '%s is refused',
  async (path) => {
    const folder = await tempFolder({ 'a/b.md': '' })

    await expect(pathInside(folder, path)).rejects.toThrow('Expected a path inside the corpus')
  },
)

test('a link that leads out is refused', async () => {
  const outside = await tempFolder({ 'secret.md': '' })
  const folder = await tempFolder({ 'a.md': '' })
  await symlink(join(outside, 'secret.md'), join(folder, 'link.md'))

  await expect(pathInside(folder, 'link.md')).rejects.toThrow('Expected a path inside the corpus')
})
