import { ObserverRegistry, observe, observeRun } from '@spancast/sdk'
import { readUIMessageStream, type UIMessage } from 'ai'
import { afterEach, expect, test, vi } from 'vitest'
import { observing } from '../bridge/src/testing/observing.ts'
import { OpenBridges } from '../bridge/src/testing/open-bridges.ts'
import { watchRun } from '../examples/snippets/ag-ui.ts'
import { watching } from '../examples/snippets/use-chat.ts'

const RUN = 'run-12345678'
const OF = { spanId: 'aaaaaaaaaaaaaaaa', nodeId: 'writer' }

const bridges = new OpenBridges()
afterEach(() => bridges.closeAll())

test('the AG-UI program watches a run over as many streams as it takes', async () => {
  const registry = new ObserverRegistry()
  const { url } = await bridges.open({ registry, limits: { maxStreamMs: 100 } })
  const observer = registry.create(RUN)
  observer.emit({ type: 'agent.start', nodeName: 'writer', nodeKind: 'agent', ...OF })
  let asked = 0
  const { fetch } = globalThis
  vi.stubGlobal('fetch', (...args: Parameters<typeof fetch>) => {
    asked++
    observer.emit({ type: 'agent.chunk', index: asked, delta: `${asked} `, kind: 'text', ...OF })
    if (asked === 4) observer.life.finish({ status: 'ok', timestamp: Date.now() })
    return fetch(...args)
  })

  const { messages } = await watchRun(`${url}/api/agents/${RUN}/stream`).finally(() =>
    vi.unstubAllGlobals(),
  )

  expect(asked).toBe(4)
  expect(messages).toMatchObject([{ role: 'assistant', content: '1 2 3 4 ' }])
})

test('the useChat program reads a run', async () => {
  const registry = new ObserverRegistry()
  const { url } = await bridges.open({ registry })
  const observer = registry.create(RUN)
  observer.emit({ type: 'agent.chunk', index: 0, delta: 'Hello.', kind: 'text', ...OF })
  observer.life.finish({ status: 'ok', timestamp: Date.now() })

  const stream = await watching(url).reconnectToStream({ chatId: RUN })
  const snapshots: UIMessage[] = []
  for await (const message of readUIMessageStream({ stream: stream ?? new ReadableStream() })) {
    snapshots.push(message)
  }

  expect(snapshots.at(-1)?.parts).toMatchObject([
    { type: 'step-start' },
    { type: 'text', text: 'Hello.', state: 'done' },
  ])
})

test('words that a model, its agent and the agent above all stream are shown once', async () => {
  observing()
  const words = ['It ', 'is ', 'four', ', ', 'always.']
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
  const model = observe(
    async function* () {
      for (const word of words) {
        yield word
        await turn()
      }
    },
    { name: 'model', kind: 'llm' },
  )
  const helper = observe(async () => 'I helped.', { name: 'helper' })
  const agent = observe(
    async function* () {
      yield 'Well: '
      yield* model()
      await helper()
      yield ' Done.'
    },
    { name: 'agent' },
  )
  const above = observe(() => agent(), { name: 'above' })
  const { url } = await bridges.open()

  const { randomId } = await observeRun({ name: 'ask' }, async () => {
    let answer = ''
    for await (const word of above()) answer += word
    return answer
  })
  const { messages } = await watchRun(`${url}/api/agents/${randomId}/stream`)

  expect(messages.map(({ content }) => content)).toEqual([
    'Well: ',
    'It is four, always.',
    'I helped.',
    ' Done.',
  ])
})
