import { beforeAll, expect, test } from 'vitest'
import { find } from '../../sdk/src/testing/telling.ts'
import { expectSame, INSTALL_MS, installed, RUN_MS, watch } from './example.ts'
import { story } from './story.ts'

let isHere = false
beforeAll(async () => {
  isHere = await installed('openai')
}, INSTALL_MS)

test(
  'the OpenAI SDK by OpenInference: its calls stand where observed agents make them, live as from their spans',
  async ({ skip }) => {
    if (!isHere) return skip()

    const { code, stderr, live, exported } = await watch('examples/openai')

    expect([code, stderr]).toEqual([0, ''])
    expect(live.map(story)).toEqual([
      [
        'run guide ok 240/60/128/24 $0.000151',
        'guide agent 240/60/128/24',
        '  gpt-5-mini 120/30/64/12',
        '  get_weather {"city":"Lima"} -> {"city":"Lima","temperature":21,"sky":"clear"}',
        '  check_alerts {"city":"Lima"} ! Error: the alert service is down',
        '  gpt-5-mini 120/30/64/12',
      ],
      [
        'run poet ok 120/30/64/12 $0.000076',
        'poet agent 120/30/64/12',
        '  gpt-5-mini 120/30/64/12',
      ],
    ])
    const [asked = [], told = []] = live
    expect(find(asked, 'agent.llm.start').input).toMatchObject({ messages: [{ role: 'user' }] })
    expect(find(asked, 'agent.llm.end').output).toMatchObject({
      choices: [{ finish_reason: 'tool_calls' }],
    })
    const chunks = told.flatMap((event) => (event.type === 'agent.chunk' ? [event.delta] : []))
    expect(chunks.join('')).toBe('You said: A line about the sea, please.')
    expectSame(exported, live)
  },
  RUN_MS,
)

test(
  'a call that the library leaves open when it fails is closed with the agent that made it',
  async ({ skip }) => {
    if (!isHere) return skip()

    const { code, live, exported } = await watch('examples/openai', {
      args: ['Please fail with 400'],
    })

    expect(code).toBe(1)
    const failed = [
      'run guide error 0/0/-/- unpriced',
      'guide agent 0/0/-/- ! 400 The script says: fail with 400',
    ]
    expect(live.map(story)).toEqual([[...failed, '  gpt-5-mini unmetered abandoned']])
    // Nobody exports a span that never ends: of that call, its spans alone know nothing.
    expect(exported.map(story)).toEqual([
      failed.map((line) => line.replace('unpriced', '$0.000000')),
    ])
  },
  RUN_MS,
)
