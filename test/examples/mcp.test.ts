import { beforeAll, expect, test } from 'vitest'
import { expectSame, INSTALL_MS, installed, RUN_MS, watch } from './example.ts'
import { story } from './story.ts'

let isHere = false
beforeAll(async () => {
  isHere = await installed('mcp')
}, INSTALL_MS)

test(
  'tools of an MCP server are tools of the agent that calls them, and nothing else of the session shows',
  async ({ skip }) => {
    if (!isHere) return skip()

    const { code, stderr, live, exported } = await watch('test/examples/mcp')

    expect([code, stderr]).toEqual([0, ''])
    expect(live.map(story)).toEqual([
      [
        'run guide ok 0/0/-/- $0.000000',
        'guide agent 0/0/-/-',
        '  get_weather {"city":"Lima"} -> {"city":"Lima","temperature":21}',
        '  check_alerts {"city":"Lima"} ! Error: the alert service is down',
      ],
    ])
    expectSame(exported, live)
  },
  RUN_MS,
)
