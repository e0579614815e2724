// Builds the live page into bridge/dist/ui: hashed, and compressed once for all who ask.
// With --if-stale only when a source is newer than what was built.
import {
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'vite'

const ROOT = fileURLToPath(new URL('.', import.meta.url))
const OUT = join(ROOT, '../dist/ui')
const SDK = join(ROOT, '../../sdk/src')
const SOURCES = [ROOT, ...['client', 'react', 'event'].map((name) => join(SDK, name))]

/** Builds the page, beside the old one until it is whole. */
export async function buildPage() {
  const fresh = `${OUT}-${process.pid}`
  await build({
    configFile: false,
    root: ROOT,
    base: './',
    logLevel: 'warn',
    // The page is written against React and ships Preact. The SDK is compiled from its sources.
    resolve: {
      conditions: ['@spancast/source', 'module', 'browser', 'production'],
      alias: [
        { find: 'react/jsx-runtime', replacement: 'preact/jsx-runtime' },
        { find: 'react-dom/client', replacement: 'preact/compat/client' },
        { find: /^react(-dom)?$/, replacement: 'preact/compat' },
      ],
    },
    oxc: { jsx: { runtime: 'automatic', importSource: 'react', development: false } },
    build: {
      outDir: fresh,
      assetsDir: 'spancast-page',
      emptyOutDir: true,
      target: 'es2022',
      cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
      modulePreload: false,
      assetsInlineLimit: 0,
      reportCompressedSize: false,
    },
  })
  compress(join(fresh, 'spancast-page'))
  rmSync(OUT, { recursive: true, force: true })
  renameSync(fresh, OUT)
}

/** Builds the page if it is missing, or older than its sources. */
export async function buildPageIfStale() {
  const builtAt = modifiedAt(join(OUT, 'index.html'))
  if (builtAt === 0 || SOURCES.some((folder) => newestIn(folder) > builtAt)) await buildPage()
}

function compress(folder) {
  for (const name of readdirSync(folder)) {
    const bytes = readFileSync(join(folder, name))
    const quality = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY }
    writeFileSync(join(folder, `${name}.br`), brotliCompressSync(bytes, { params: quality }))
    writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes, { level: 9 }))
  }
}

function newestIn(folder) {
  if (!existsSync(folder)) return 0
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
  return Math.max(0, ...files.map(({ parentPath, name }) => modifiedAt(join(parentPath, name))))
}

function modifiedAt(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await (process.argv.includes('--if-stale') ? buildPageIfStale() : buildPage())
}
