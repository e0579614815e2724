import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** What sits at the bottom of the SDK, for everyone there to use. */
const BASE = ['sdk/attributes', 'sdk/errors', 'sdk/say-once', 'sdk/untraced', 'sdk/version']
const UP_TO_RUN = ['sdk/dialect', 'sdk/observer', 'sdk/context', 'sdk/prices', 'sdk/event']

/** Who may import whom: data flows down, imports point up. `wrapper` and `processor` meet through OpenTelemetry only. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'sdk/attributes': [],
  'sdk/errors': [],
  'sdk/say-once': [],
  'sdk/untraced': [],
  'sdk/version': [],
  'sdk/event': [],
  'sdk/observer': ['sdk/event'],
  'sdk/context': ['sdk/event', 'sdk/observer'],
  'sdk/dialect': ['sdk/event'],
  'sdk/prices': ['sdk/event'],
  'sdk/observe': ['sdk/context', 'sdk/event', 'sdk/observer'],
  'sdk/run': UP_TO_RUN,
  'sdk/processor': ['sdk/run', ...UP_TO_RUN],
  'sdk/collect': ['sdk/run', ...UP_TO_RUN],
  'sdk/live-link': ['sdk/observer', 'sdk/event'],
  'sdk/client': ['sdk/event'],
  'sdk/react': ['sdk/client', 'sdk/event'],
  'sdk/setup': ['sdk/observe', 'sdk/processor', 'sdk/live-link', 'sdk/run', ...UP_TO_RUN],
  'bridge/errors': [],
  'bridge/sse': ['sdk', 'bridge/store', 'bridge/errors'],
  'bridge/formats': ['sdk', 'bridge/sse', 'bridge/store', 'bridge/errors'],
  'bridge/store': ['sdk', 'bridge/errors'],
  'bridge/security': ['sdk', 'bridge/errors', 'bridge/problem'],
  'bridge/page': [],
  'bridge/otlp': ['sdk'],
  'bridge/forward': ['sdk'],
}
/** Where everything comes together. */
const COMPOSITION = [
  'sdk/index',
  'sdk/internal',
  'bridge/index',
  'bridge/create-bridge',
  'bridge/cli',
]

const files = ['sdk', 'bridge'].flatMap((name) => sourcesIn(join(ROOT, name, 'src')))

test.each(files.map((file) => relative(ROOT, file)))('%s stays in its layer', (file) => {
  const from = layerOf(join(ROOT, file))
  const allowed = MAY_IMPORT[from]
  if (allowed === undefined || COMPOSITION.includes(from)) return

  const reached = importsOf(join(ROOT, file)).filter((to) => to !== from && !BASE.includes(to))

  expect(reached.filter((to) => !allowed.includes(to))).toEqual([])
})

test('the wrapper and the processor never import each other', () => {
  const meet = files.filter((file) => {
    const reached = importsOf(file)
    return (
      (layerOf(file) === 'sdk/observe' && reached.includes('sdk/processor')) ||
      (layerOf(file) === 'sdk/processor' && reached.includes('sdk/observe'))
    )
  })

  expect(meet).toEqual([])
})

test('every folder of the SDK has its line in the table', () => {
  const layers = new Set(files.map(layerOf).filter((layer) => layer.startsWith('sdk/')))

  expect([...layers].filter((l) => !(l in MAY_IMPORT) && !COMPOSITION.includes(l))).toEqual([])
})

function sourcesIn(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) return entry.name === 'testing' ? [] : sourcesIn(path)
    return entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts') ? [path] : []
  })
}

/** `sdk/observer` for sdk/src/observer/ring.ts, `sdk/errors` for sdk/src/errors.ts. */
function layerOf(file: string): string {
  const [pkg, , first = ''] = relative(ROOT, file).split('/')
  return `${pkg}/${first.replace(/\.ts$/, '')}`
}

function importsOf(file: string): string[] {
  const found: string[] = []
  for (const [, from = ''] of readFileSync(file, 'utf8').matchAll(/\bfrom '([^']+)'/g)) {
    if (from.startsWith('.')) found.push(layerOf(resolve(dirname(file), from)))
    else if (from.startsWith('@spancast/sdk')) found.push('sdk')
  }
  return found
}
