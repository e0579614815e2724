import { beforeAll, describe, expect, test } from 'vitest'
import { expectSame, INSTALL_MS, installed, RUN_MS, watch } from './example.ts'
import { story } from './story.ts'

const QUESTION =
  'What is the weather in Lima? Check for alerts, and ask the historian how old the city is.'
const WEATHER = 'get_weather {"city":"Lima"} -> {"city":"Lima","temperature":21,"sky":"clear"}'
const ALERTS = 'check_alerts {"city":"Lima"} ! Error: the alert service is down'
const HISTORIAN = `ask_historian {"question":"${QUESTION}"} -> "You said: ${QUESTION}"`
const CALL = 'gpt-5-mini 120/30/64/12'

interface Variant {
  readonly of: string
  readonly name: string
  readonly folder: string
  readonly program?: string
  readonly args?: readonly string[]
  /** Whether tools run inside the model call that asked for them. */
  readonly nested?: true
  /** Whether calls that are not streamed leave out the details of their usage. */
  readonly plain?: true
}

const seven = { name: 'ai-sdk-7', folder: 'test/examples/ai-sdk-7' }
const VARIANTS: readonly Variant[] = [
  { of: 'version 6', name: 'ai-sdk', folder: 'examples/ai-sdk' },
  {
    of: 'version 5',
    name: 'ai-sdk-5',
    folder: 'test/examples/ai-sdk-5',
    program: 'examples/ai-sdk/agent.ts',
    plain: true,
  },
  { of: 'version 7', ...seven },
  { of: 'version 7 in its older shape', ...seven, args: ['--legacy'], nested: true },
]

describe.for(VARIANTS)('the AI SDK, $of', ({ name, folder, program, args = [], ...is }) => {
  const run = (...more: string[]) => watch(folder, { program, args: [...args, ...more] })
  const plain = (line: string): string =>
    is.plain === true ? line.replace('/192/36', '/-/-').replace('/64/12', '/-/-') : line
  let isHere = false
  beforeAll(async () => {
    isHere = await installed(name)
  }, INSTALL_MS)

  test(
    'shows agents, tools and the agent inside a tool, live as from its spans alone',
    async ({ skip }) => {
      if (!isHere) return skip()

      const { code, stderr, live, exported } = await run()

      expect([code, stderr]).toEqual([0, ''])
      const [asked, streamed] = live.map(story)
      const tools = [WEATHER, ALERTS, HISTORIAN, '  historian agent 120/30/64/12', `    ${CALL}`]
      expect(asked).toEqual(
        [
          `run guide ok 360/90/192/36 ${is.plain === true ? '$0.000270' : '$0.000227'}`,
          'guide agent 360/90/192/36',
          `  ${CALL}`,
          ...tools.map((line) => `${is.nested === true ? '    ' : '  '}${line}`),
          `  ${CALL}`,
        ].map(plain),
      )
      expect(streamed).toEqual([
        'run streaming-guide ok 240/60/128/24 $0.000151',
        'streaming-guide agent 240/60/128/24',
        `  ${CALL}`,
        // A tool of a stream runs inside the model call, but for the newest shape; its node is the agent all the same.
        `${args.length > 0 || name !== 'ai-sdk-7' ? '    ' : '  '}${WEATHER}`,
        `  ${CALL}`,
      ])
      for (const events of live) {
        const nodes = new Map(
          events.flatMap((e) => (e.type === 'agent.start' ? [[e.nodeId, e.nodeName]] : [])),
        )
        const owners = events.flatMap((e) =>
          e.type === 'agent.tool.start' ? [nodes.get(e.nodeId)] : [],
        )
        expect(new Set(owners).size).toBe(1)
        expect(owners[0]).toMatch(/guide$/)
      }
      expectSame(exported, live)
    },
    RUN_MS,
  )

  test(
    'shows what went wrong with the model',
    async ({ skip }) => {
      if (!isHere) return skip()

      const { code, live, exported } = await run('Please fail with 400')

      expect(code).toBe(1)
      expect(live.map(story)).toEqual([
        [
          'run guide error 0/0/-/- unpriced',
          'guide agent 0/0/-/- ! The script says: fail with 400',
          '  gpt-5-mini unmetered ! The script says: fail with 400',
        ],
      ])
      expectSame(exported, live)
    },
    RUN_MS,
  )

  test.skipIf(name === 'ai-sdk-7')(
    'shows the end of a stream that was given up, though its model call is left open',
    async ({ skip }) => {
      if (!isHere) return skip()

      const program = 'test/examples/ai-sdk-5/aborted.ts'
      const { code, live } = await watch(folder, { program })

      expect(code).toBe(0)
      expect(live.map(story)).toEqual([
        [
          'run narrator ok 0/0/-/- unpriced',
          'narrator agent 0/0/-/-',
          '  gpt-5-mini unmetered abandoned',
        ],
      ])
    },
    RUN_MS,
  )
})
