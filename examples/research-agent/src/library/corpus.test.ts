import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { tempFolder } from '../testing/temp-folder.ts'
import { nearestNodeModules, readCorpus } from './corpus.ts'

test('documents are read from the top down, with their paths', async () => {
  const folder = await tempFolder({
    'zebra/README.md': '# Zebra',
    'ant/docs/deep.md': 'Deep down.',
    'guide.txt': 'Start here.',
    'ant/index.js': 'code',
  })

  const corpus = await readCorpus(folder)

  expect(corpus.files.map(({ path }) => path)).toEqual([
    'guide.txt',
    'zebra/README.md',
    'ant/docs/deep.md',
  ])
  expect(corpus.files[0]?.text).toBe('Start here.')
  expect(corpus.cut).toBe(false)
})

test('licences, changelogs, translations, hidden folders and second copies are left out', async () => {
  const folder = await tempFolder({
    'a/README.md': '# The same',
    'b/README.md': '# The same',
    'a/LICENSE.txt': 'Permission is hereby granted',
    'a/CHANGELOG.md': '# 1.0.0',
    'a/README.pt-BR.md': '# O mesmo',
    'a/empty.md': ' \n',
    '.cache/note.md': 'hidden',
  })

  const corpus = await readCorpus(folder)

  expect(corpus.files.map(({ path }) => path)).toEqual(['a/README.md'])
})

test.each([
  ['files', { maxFiles: 2 }],
  ['bytes', { maxBytes: 12 }],
  ['folders', { maxFolders: 3 }],
])('reading stops at its limit of %s, and says so', async (_, limits) => {
  const folder = await tempFolder({ 'a/1.md': 'first', 'b/2.md': 'second', 'c/3.md': 'third' })

  const corpus = await readCorpus(folder, limits)

  expect(corpus.files.map(({ text }) => text)).toEqual(['first', 'second'])
  expect(corpus.cut).toBe(true)
})

test('links are not followed', async () => {
  const outside = await tempFolder({ 'secret.md': 'outside' })
  const folder = await tempFolder({ 'inside.md': 'inside' })
  await symlink(outside, join(folder, 'link'))
  await symlink(join(outside, 'secret.md'), join(folder, 'link.md'))

  const corpus = await readCorpus(folder)

  expect(corpus.files.map(({ path }) => path)).toEqual(['inside.md'])
})

test('a folder that is not there is an error', async () => {
  const folder = await tempFolder({})

  await expect(readCorpus(join(folder, 'missing'))).rejects.toThrow('ENOENT')
})

test('reading ends when it is cancelled', async () => {
  const folder = await tempFolder({ 'a.md': 'text' })

  await expect(readCorpus(folder, { signal: AbortSignal.abort() })).rejects.toThrow('aborted')
})

test('the nearest node_modules with packages is found, past the small one of a workspace', async () => {
  const hoisted = Object.fromEntries(
    Array.from({ length: 10 }, (_, n) => [`node_modules/package-${n}/README.md`, 'text']),
  )
  const folder = await tempFolder({
    ...hoisted,
    'app/node_modules/own/README.md': 'text',
    'app/src/main.ts': '',
  })

  expect(await nearestNodeModules(join(folder, 'app', 'src'))).toBe(join(folder, 'node_modules'))
})
