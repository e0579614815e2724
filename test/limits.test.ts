import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BRIDGE_LIMIT_SPECS } from '../bridge/src/config/option-specs.ts'
import { DEFAULT_MAX_CONTENT_BYTES } from '../sdk/src/event/content.ts'
import { linkLimits } from '../sdk/src/live-link/link-limits.ts'
import { DEFAULT_RUN_LIMITS } from '../sdk/src/observer/limits.ts'

const README = readFileSync(new URL('../README.md', import.meta.url), 'utf8')
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
}

/** The table of limits: each option, and the number that its default says. */
function documented(): Record<string, number> {
  const section = README.split('\n## Limits\n')[1]?.split('\n## ')[0] ?? ''
  const rows = section.split('\n').filter((line) => line.startsWith('| ') && line.includes('`'))
  return Object.fromEntries(
    rows.flatMap((row) => {
      const [, , options = '', defaults = ''] = row.split('|')
      const names = [...options.matchAll(/`(max\w+|\w+Ms)`/g)].map(([, name = '']) => name)
      const values = [...defaults.matchAll(/(?<![\d,])(\d+(?:,\d{3})*) ?([A-Za-z]*)/g)]
      expect(values, row).toHaveLength(names.length)
      return names.map((name, at) => [name, numberOf(values[at] ?? [])] as const)
    }),
  )
}

function numberOf([text, digits = '', unit = '']: readonly string[]): number {
  const factor = UNITS[unit]
  if (factor === undefined) throw new Error(`Expected a unit that is known, got ${text}.`)
  return Number(digits.replaceAll(',', '')) * factor
}

test('the README gives each limit and the default that it has', () => {
  const ofBridge = Object.entries(BRIDGE_LIMIT_SPECS).map(([name, spec]) => [name, spec.default])

  expect(documented()).toEqual({
    ...DEFAULT_RUN_LIMITS,
    ...linkLimits(),
    ...Object.fromEntries(ofBridge),
    maxContentBytes: DEFAULT_MAX_CONTENT_BYTES,
  })
})
