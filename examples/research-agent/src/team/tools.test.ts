import { expect, test } from 'vitest'
import { openLibrary } from '../library/library.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { createTools, packageOf } from './tools.ts'

const signal = new AbortController().signal

async function toolsOver(files: Record<string, string>, cancel: AbortSignal = signal) {
  return createTools(await openLibrary(await tempFolder(files)), cancel)
}

test('search_files finds passages and read_file gives their document', async () => {
  const tools = await toolsOver({ 'parser/README.md': '# parser\n\nParses request bodies.' })

  const [hit] = tools.searchFiles({ query: 'parsing a body', limit: 3 })
  const document = await tools.readDocument({ path: hit?.path ?? '' })

  expect(document).toEqual({
    path: 'parser/README.md',
    text: '# parser\n\nParses request bodies.',
    cut: false,
  })
})

test('read_file leaves out the end of a very long document, and says so', async () => {
  const tools = await toolsOver({ 'long.md': 'word '.repeat(40_000) })

  const { text, cut } = await tools.readDocument({ path: 'long.md' })

  expect(text.length).toBe(128 * 1024)
  expect(cut).toBe(true)
})

test('read_file refuses what lies outside the corpus', async () => {
  const tools = await toolsOver({ 'a.md': 'Some words.' })

  await expect(tools.readDocument({ path: '../../etc/passwd' })).rejects.toThrow(
    'inside the corpus',
  )
})

test('read_file ends when the run is cancelled', async () => {
  const tools = await toolsOver({ 'a.md': 'Some words.' }, AbortSignal.abort())

  await expect(tools.readDocument({ path: 'a.md' })).rejects.toThrow('aborted')
})

test.each([
  [
    'CHANGELOG.md',
    '# Changelog\n\n## Unreleased\n\n## [1.2.3](https://x.y) (2026-01-02)\n',
    '1.2.3 (2026-01-02)',
  ],
  ['HISTORY.md', '2.0.0 / 2025-03-01\n==================\n', '2.0.0 / 2025-03-01'],
  ['changes.txt', '## **6.17.1**\n', '6.17.1'],
])('read_changelog tells the newest entry of %s', async (file, text, newest) => {
  const tools = await toolsOver({ 'parser/README.md': 'Some words.', [`parser/${file}`]: text })

  expect(await tools.readChangelog({ package: 'parser' })).toEqual({
    path: `parser/${file}`,
    newest,
  })
})

test('read_changelog fails for a package that ships none', async () => {
  const tools = await toolsOver({ 'parser/README.md': 'Some words.', 'parser/index.js': '' })

  await expect(tools.readChangelog({ package: 'parser' })).rejects.toThrow(
    'parser ships no changelog: none of its 2 files is one',
  )
})

test.each([
  ['express/Readme.md', 'express'],
  ['@scope/name/docs/a.md', '@scope/name'],
  ['a/node_modules/b/README.md', 'a/node_modules/b'],
  ['a/node_modules/@s/b/README.md', 'a/node_modules/@s/b'],
  ['README.md', '.'],
])('%s belongs to %s', (path, name) => {
  expect(packageOf(path)).toBe(name)
})
