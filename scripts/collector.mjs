// Prints the path of an OpenTelemetry Collector to test and measure with: COLLECTOR_BIN, else one built from the Go
// module proxy, once, into the user's cache. It takes OTLP and passes it on by OTLP/HTTP, and can do nothing else.
// `--no-build` only looks for one that is there.
// Exit codes: 0 found or built, 1 the build failed, 2 COLLECTOR_BIN is no program, 3 there is none, nor a Go to build it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { go } from './lib/go.mjs'
import { printProgram } from './lib/go-program.mjs'

const VERSION = 'v0.162.0'
// What is stable in the Collector is numbered by itself; this goes with the version above.
const STABLE_VERSION = 'v1.68.0'
const COLLECTOR = 'go.opentelemetry.io/collector'

process.exitCode = await printProgram({
  name: 'Collector',
  variable: 'COLLECTOR_BIN',
  key: `otel-collector-${VERSION}`,
  file: 'otelcol',
  script: 'collector',
  build: async (work) => {
    const out = join(work, 'out')
    const manifest = join(work, 'manifest.yaml')
    // JSON is YAML too.
    writeFileSync(manifest, JSON.stringify(manifestFor(out)))
    await go(work, 'run', `${COLLECTOR}/cmd/builder@${VERSION}`, '--config', manifest)
    return join(out, 'otelcol')
  },
})

function manifestFor(outputPath) {
  const core = (path) => ({ gomod: `${COLLECTOR}/${path} ${VERSION}` })
  const provider = (name) => ({
    gomod: `${COLLECTOR}/confmap/provider/${name}provider ${STABLE_VERSION}`,
  })
  return {
    dist: {
      module: 'spancast.test/otelcol',
      name: 'otelcol',
      version: VERSION.slice(1),
      output_path: outputPath,
    },
    receivers: [core('receiver/otlpreceiver')],
    processors: [core('processor/batchprocessor')],
    exporters: [core('exporter/otlphttpexporter')],
    providers: ['env', 'file', 'yaml'].map(provider),
  }
}
