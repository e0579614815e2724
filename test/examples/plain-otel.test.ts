import type { AgentEvent } from '@spancast/sdk'
import { beforeAll, expect, test } from 'vitest'
import { find } from '../../sdk/src/testing/telling.ts'
import { expectSame, INSTALL_MS, installed, RUN_MS, watch } from './example.ts'
import { story } from './story.ts'

let isHere = false
beforeAll(async () => {
  isHere = await installed('plain-otel')
}, INSTALL_MS)

test(
  'spans made by hand are live on a provider that was there before, and the same once exported',
  async ({ skip }) => {
    if (!isHere) return skip()

    const { code, stdout, stderr, exported } = await watch('examples/plain-otel')

    expect([code, stderr]).toEqual([0, ''])
    const run = eventsIn(stdout)
    expect(story(run)).toEqual([
      'run guide ok 240/60/128/24 $0.000151',
      'guide agent 240/60/128/24',
      '  gpt-5-mini 120/30/64/12',
      '  get_weather {"city":"Lima"} -> {"city":"Lima","temperature":21,"sky":"clear"}',
      '  check_alerts {"city":"Lima"} ! RangeError: the alert service is down',
      '  gpt-5-mini 120/30/64/12',
    ])
    expect(find(run, 'agent.tool.start').toolCallId).toMatch(/^call_/)
    expect(find(run, 'agent.end').output).toMatchObject([{ role: 'assistant' }])
    expectSame(exported, [run])
  },
  RUN_MS,
)

test(
  'what fails on its way out of the agent is an error of each span that it leaves',
  async ({ skip }) => {
    if (!isHere) return skip()

    const { code, stdout, exported } = await watch('examples/plain-otel', {
      args: ['Please fail with 400'],
    })

    expect(code).toBe(1)
    const run = eventsIn(stdout)
    expect(story(run)).toEqual([
      'run guide error 0/0/-/- unpriced',
      expect.stringMatching(/^guide agent .* ! 400: .*fail with 400/),
      expect.stringMatching(/^ {2}gpt-5-mini unmetered ! 400: .*fail with 400/),
    ])
    expectSame(exported, [run])
  },
  RUN_MS,
)

/** The example prints its events as they happen. */
function eventsIn(stdout: string): AgentEvent[] {
  const lines = stdout.trim().split('\n')
  // The example is our own and prints what `subscribe` gave it.
  return lines.map((line) => JSON.parse(line) as AgentEvent)
}
