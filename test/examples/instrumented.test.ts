import { beforeAll, describe, expect, test } from 'vitest'
import { find } from '../../sdk/src/testing/telling.ts'
import { expectSame, INSTALL_MS, installed, RUN_MS, watch } from './example.ts'
import { story } from './story.ts'

let isHere = false
beforeAll(async () => {
  isHere = await installed('instrumented')
}, INSTALL_MS)

/** What each tells of a call's usage. */
describe.for([
  { library: 'opentelemetry', of: ['120/30/-/-', '240/60/-/-', '$0.000180'] as const },
  { library: 'openllmetry', of: ['120/30/-/-', '240/60/-/-', '$0.000180'] as const },
  { library: 'langfuse', of: ['120/30/64/12', '240/60/128/24', '$0.000151'] as const },
])('the OpenAI SDK, its calls told by $library', ({ library, of: [call, both, cost] }) => {
  test(
    'shows calls and tools where the agent makes them, live as from their spans alone',
    async ({ skip }) => {
      if (!isHere) return skip()

      const { code, stderr, live, exported } = await watch('test/examples/instrumented', {
        args: [library],
      })

      expect([code, stderr]).toEqual([0, ''])
      expect(live.map(story)).toEqual([
        [
          `run guide ok ${both} ${cost}`,
          `guide agent ${both}`,
          `  gpt-5-mini ${call}`,
          '  get_weather {"city":"Lima"} -> {"city":"Lima","temperature":21}',
          '  check_alerts {"city":"Lima"} ! Error: the alert service is down',
          `  gpt-5-mini ${call}`,
        ],
      ])
      expectSame(exported, live)
    },
    RUN_MS,
  )

  test(
    'shows a call that failed',
    async ({ skip }) => {
      if (!isHere) return skip()

      const { code, live } = await watch('test/examples/instrumented', {
        args: [library, 'Please fail with 400'],
      })

      expect(code).toBe(1)
      const [run = []] = live
      expect(find(run, 'run.end').status).toBe('error')
      expect(find(run, 'agent.error').error.message).toContain('fail with 400')
      const { error, abandoned } = find(run, 'agent.llm.end')
      // OpenLLMetry leaves it open.
      if (library === 'openllmetry') expect(abandoned).toBe(true)
      else expect(error?.message).toContain('fail with 400')
    },
    RUN_MS,
  )
})
