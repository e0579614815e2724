import { beforeAll, describe, expect, test } from 'vitest'
import { expectSame, INSTALL_MS, installed, RUN_MS, watch } from './example.ts'
import { story } from './story.ts'

const FOLDER = 'examples/mastra'
const QUESTION =
  'What is the weather in Lima? Check for alerts, and ask the historian how old the city is.'
const WEATHER = 'get_weather {"city":"Lima"} -> {"city":"Lima","temperature":21,"sky":"clear"}'
const ALERTS = 'check_alerts {"city":"Lima"} ! Error: the alert service is down'
const CALL = 'gpt-5-mini 120/30/64/12'
// The bridge tells all answers of one question as one call, and the tools in between as a part of it.
const GUIDE = [
  'guide agent 360/90/192/36',
  '  gpt-5-mini 240/60/128/24',
  `    ${WEATHER}`,
  `    ${ALERTS}`,
  `    ask_historian {"question":"${QUESTION}"} -> "You said: ${QUESTION}"`,
  '      historian agent 120/30/64/12',
  `        ${CALL}`,
]

let isHere = false
beforeAll(async () => {
  isHere = await installed('mastra')
}, INSTALL_MS)

describe('Mastra by its bridge', () => {
  test(
    'shows workflows, steps, agents and tools while they run',
    async ({ skip }) => {
      if (!isHere) return skip()

      const { code, stderr, live, exported } = await watch(FOLDER)

      expect([code, stderr]).toEqual([0, ''])
      const report = (step: string, other: string): string[] => [
        'run trip-report ok 360/90/192/36 $0.000227',
        'trip-report workflow 360/90/192/36',
        `  ${step} step 360/90/192/36`,
        ...GUIDE.map((line) => `    ${line}`),
        `  ${other} step 0/0/-/-`,
      ]
      const asked = ['run guide ok 360/90/192/36 $0.000227', ...GUIDE]
      expect(live.map(story)).toEqual([report('research', 'shorten'), asked])
      // When it ends a step is called after its workflow, and nothing names the step any more.
      expect(exported.map(story)).toEqual([report('step', 'step'), asked])
      expectSame(exported.slice(1), live.slice(1))
    },
    RUN_MS,
  )

  test(
    'shows what went wrong with the model',
    async ({ skip }) => {
      if (!isHere) return skip()

      const { code, live } = await watch(FOLDER, { args: ['Please fail with 400'] })

      expect(code).toBe(1)
      const error = 'The script says: fail with 400'
      expect(live.map(story)).toEqual([
        [
          'run trip-report error 0/0/-/- unpriced',
          `trip-report workflow 0/0/-/- ! ${error}`,
          `  research step 0/0/-/- ! ${error}`,
          `    guide agent 0/0/-/- ! ${error}`,
          // Mastra tells the agent of it, and nothing of its model call.
          '      gpt-5-mini unmetered',
        ],
      ])
    },
    RUN_MS,
  )
})

test(
  'Mastra by its exporter shows the same agents by their spans',
  async ({ skip }) => {
    if (!isHere) return skip()
    const program = 'test/examples/mastra-exporter/agent.ts'

    const { code, stderr, live, exported } = await watch(FOLDER, { program })

    expect([code, stderr, live]).toEqual([0, '', []])
    expect(exported.map(story)).toEqual([
      [
        'run trip-report ok 240/60/128/24 $0.000151',
        'trip-report workflow 240/60/128/24',
        '  research step 240/60/128/24',
        '    guide agent 240/60/128/24',
        `      ${CALL}`,
        `      ${WEATHER}`,
        `      ${ALERTS}`,
        `      ${CALL}`,
      ],
    ])
  },
  RUN_MS,
)
