// Prints the path of a Jaeger v2 to test with: JAEGER_BIN, else one built from the Go module proxy, once, into the
// user's cache. It has no UI assets; the API is whole. `--no-build` only looks for one that is there.
// Exit codes: 0 found or built, 1 the build failed, 2 JAEGER_BIN is no program, 3 there is none, nor a Go to build it.
import { join } from 'node:path'
import { go } from './lib/go.mjs'
import { printProgram } from './lib/go-program.mjs'

// The module path has no /v2, so Go knows no v2 tag of it; v1.76.0 is the commit of v2.13.0.
const MODULE = 'github.com/jaegertracing/jaeger@v1.76.0'
const VERSION = 'v2.13.0'
const BUILD = ['build', '-trimpath', '-buildvcs=false', '-ldflags=-s -w']

process.exitCode = await printProgram({
  name: 'Jaeger',
  variable: 'JAEGER_BIN',
  key: `jaeger-${VERSION}`,
  file: 'jaeger',
  script: 'jaeger',
  build: async (work) => {
    const program = join(work, 'jaeger')
    // Not `go install`: that refuses a module with replace directives, which this one has.
    const { Dir } = JSON.parse(await go(work, 'mod', 'download', '-json', MODULE))
    await go(Dir, ...BUILD, '-o', program, './cmd/jaeger')
    return program
  },
})
