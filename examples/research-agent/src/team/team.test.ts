import { expect, test } from 'vitest'
import { openLibrary } from '../library/library.ts'
import { tempFolder } from '../testing/temp-folder.ts'
import { createTeam } from './team.ts'

const FILES = {
  'parser/README.md':
    '# parser\n\n## limit\n\nThe limit is the maximum size of a request body. A larger body is refused with an error.',
  'parser/CHANGELOG.md': '## 3.1.0\n',
  'zipper/README.md':
    '# zipper\n\nThe zipper compresses every response that is larger than a kilobyte.',
}

async function team(signal: AbortSignal) {
  const library = await openLibrary(await tempFolder(FILES))
  return createTeam({ library, model: undefined, signal, msPerWord: 0 })
}

test('without a model the answer quotes, cites and says so', async () => {
  const ask = await team(new AbortController().signal)

  const { answer, sources } = await ask(
    'What is the limit of the parser, and what does zipper compress?',
  )

  expect(answer).toBe(
    `Quoted word for word, no model has written this:

What is the limit of the parser
The limit is the maximum size of a request body. A larger body is refused with an error. [1]

What does zipper compress
The zipper compresses every response that is larger than a kilobyte. [2]

Sources
[1] parser/README.md, parser › limit (newest release: 3.1.0)
[2] zipper/README.md, zipper
`,
  )
  expect(sources).toEqual(['parser/README.md', 'zipper/README.md'])
})

test('a question that the documents do not answer gets no invented answer', async () => {
  const ask = await team(new AbortController().signal)

  expect(await ask('Who won the cricket?')).toEqual({
    answer: 'The documents say nothing about this: Who won the cricket?\n',
    sources: [],
  })
})

test('a cancelled run ends with the reason of its signal', async () => {
  const cancel = new AbortController()
  const ask = await team(cancel.signal)

  const answer = ask('What is the limit of the parser?')
  cancel.abort(new Error('no longer needed'))

  await expect(answer).rejects.toThrow('no longer needed')
})
