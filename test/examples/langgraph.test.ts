import { beforeAll, expect, test } from 'vitest'
import { expectSame, INSTALL_MS, installed, RUN_MS, watch } from './example.ts'
import { story } from './story.ts'

const FOLDER = 'examples/langgraph'
const QUESTION =
  'What is the weather in Lima? Check for alerts, and ask the historian how old the city is.'
const CALL = 'gpt-5-mini 120/30/64/12'

let isHere = false
beforeAll(async () => {
  isHere = await installed('langgraph')
}, INSTALL_MS)

test(
  'LangGraph shows its nodes, agents and tools, and nothing that it puts between them',
  async ({ skip }) => {
    if (!isHere) return skip()

    const { code, stderr, live, exported } = await watch(FOLDER)

    expect([code, stderr]).toEqual([0, ''])
    expect(live.map(story)).toEqual([
      [
        'run trip-report ok 480/120/256/48 $0.000302',
        'trip-report workflow 480/120/256/48',
        '  research step 360/90/192/36',
        '    guide agent 360/90/192/36',
        `      ${CALL}`,
        '      get_weather {"city":"Lima","days":1} -> {"city":"Lima","temperature":21,"sky":"clear"}',
        '      check_alerts {"city":"Lima","severe":true} ! TypeError: the alert service is down',
        // A single argument that is text comes without its name: so its library notes it.
        `      ask_historian ${JSON.stringify(QUESTION)} -> ${JSON.stringify(`You said: ${QUESTION}`)}`,
        '        historian agent 120/30/64/12',
        `          ${CALL}`,
        `      ${CALL}`,
        '  write step 120/30/64/12',
        `    ${CALL}`,
      ],
    ])
    expectSame(exported, live)
  },
  RUN_MS,
)

test(
  'LangGraph shows what went wrong with the model, all the way up',
  async ({ skip }) => {
    if (!isHere) return skip()

    const { code, live, exported } = await watch(FOLDER, { args: ['Please fail with 400'] })

    expect(code).toBe(1)
    const error = '400 The script says: fail with 400'
    expect(live.map(story)).toEqual([
      [
        'run trip-report error 0/0/-/- unpriced',
        `trip-report workflow 0/0/-/- ! ${error}`,
        `  research step 0/0/-/- ! ${error}`,
        `    guide agent 0/0/-/- ! ${error}`,
        `      gpt-5-mini unmetered ! ${error}`,
      ],
    ])
    expectSame(exported, live)
  },
  RUN_MS,
)
