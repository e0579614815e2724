import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, type Rollup } from 'vite'
import { expect, test } from 'vitest'

const ENTRY = fileURLToPath(new URL('../sdk/src/client/index.ts', import.meta.url))
const VIRTUAL = '\0entry'

/** Bytes, gzipped, of a page's script that takes these names from the client and nothing else. */
async function bytesOf(...names: readonly string[]): Promise<number> {
  const result = await build({
    configFile: false,
    logLevel: 'silent',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === VIRTUAL ? id : undefined),
        load: (id) =>
          id === VIRTUAL ? `export { ${names} } from ${JSON.stringify(ENTRY)}` : undefined,
      },
    ],
    build: {
      write: false,
      target: 'es2022',
      rollupOptions: { input: VIRTUAL, preserveEntrySignatures: 'strict' },
    },
  })
  // One build without a watcher gives one output.
  const { output } = result as Rollup.RollupOutput
  return gzipSync(output[0].code).length
}

test('the client is below 5 KiB, gzipped', async () => {
  expect(await bytesOf('createClient')).toBeLessThan(5 * 1024)
})

test('what is not used is not shipped: the reducer alone, and all together', async () => {
  expect(await bytesOf('reduce', 'initialState')).toBeLessThan(4 * 1024)
  expect(await bytesOf('createClient', 'watchRun', 'watchRuns')).toBeLessThan(9.5 * 1024)
})
