import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { INSTALL_MS, installed, RUN_MS, watch } from './example.ts'
import { story } from './story.ts'

const PYTHON = [join('.venv', 'bin', 'python'), 'agent.py']
const WEATHER = 'get_weather {"city":"Lima"} -> {"city":"Lima","temperature":21,"sky":"clear"}'
const CALL = 'gpt-5-mini 120/30/64/12'

describe('pydantic-ai', () => {
  const run = (...args: string[]) => watch('examples/pydantic-ai', { command: PYTHON, args })
  const question =
    'What is the weather in Lima? Check for alerts, and ask the historian how old the city is.'
  let isHere = false
  beforeAll(async () => {
    isHere = await installed('pydantic-ai')
  }, INSTALL_MS)

  test(
    'shows agents, tools and the agent inside a tool',
    async ({ skip }) => {
      if (!isHere) return skip()

      const { code, stderr, exported } = await run()

      expect([code, stderr]).toEqual([0, ''])
      expect(exported.map(story)).toEqual([
        [
          'run guide ok 360/90/192/36 $0.000227',
          'guide agent 360/90/192/36',
          `  ${CALL}`,
          `  ${WEATHER}`,
          '  check_alerts {"city":"Lima"} ! pydantic_ai.exceptions.ToolRetryError: the alert service is down',
          `  ask_historian {"question":"${question}"} -> "You said: ${question}"`,
          '    historian agent 120/30/64/12',
          `      ${CALL}`,
          `  ${CALL}`,
        ],
      ])
    },
    RUN_MS,
  )

  test(
    'shows what went wrong with the model',
    async ({ skip }) => {
      if (!isHere) return skip()

      const { code, exported } = await run('Please fail with 400')

      expect(code).toBe(1)
      expect(exported.map(story)).toEqual([
        [
          'run guide error 0/0/-/- unpriced',
          expect.stringMatching(/^guide agent 0\/0\/-\/- ! status_code: 400, .*The script says/),
          expect.stringMatching(/^ {2}gpt-5-mini unmetered ! status_code: 400, .*The script says/),
        ],
      ])
    },
    RUN_MS,
  )
})

describe('the OpenAI SDK in Python, by OpenInference', () => {
  const run = (...args: string[]) => watch('examples/openai-python', { command: PYTHON, args })
  let isHere = false
  beforeAll(async () => {
    isHere = await installed('openai-python')
  }, INSTALL_MS)

  test(
    'shows the agent, its tools and its model calls',
    async ({ skip }) => {
      if (!isHere) return skip()

      const { code, stderr, exported } = await run()

      expect([code, stderr]).toEqual([0, ''])
      expect(exported.map(story)).toEqual([
        [
          'run guide ok 240/60/128/24 $0.000151',
          'guide agent 240/60/128/24',
          `  ${CALL}`,
          `  ${WEATHER}`,
          '  check_alerts {"city":"Lima"} ! ConnectionError: the alert service is down',
          `  ${CALL}`,
        ],
      ])
    },
    RUN_MS,
  )

  test(
    'shows what went wrong with the model that was asked for',
    async ({ skip }) => {
      if (!isHere) return skip()

      const { code, exported } = await run('Please fail with 400')

      expect(code).toBe(1)
      const error = 'Error code: 400 - The script says: fail with 400'
      expect(exported.map(story)).toEqual([
        [
          'run guide error 0/0/-/- unpriced',
          `guide agent 0/0/-/- ! ${error}`,
          `  gpt-5-mini unmetered ! ${error}`,
        ],
      ])
    },
    RUN_MS,
  )
})
