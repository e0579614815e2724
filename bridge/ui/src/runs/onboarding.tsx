import type { ReactElement } from 'react'
import { BASE_URL } from '../shell/base-url.ts'
import { copy } from '../shell/copy.ts'

/** What to do when there is nothing to see yet. */
export function Onboarding(): ReactElement {
  const url = BASE_URL.href.replace(/\/$/, '')
  const code = `import { observe } from '@spancast/sdk'
import { start } from '@spancast/sdk/setup'

start({ serviceName: 'my-agents', bridgeUrl: '${url}' })
observe(agent) // its methods become nodes, its tools become tools`
  return (
    <section className="message onboarding" data-testid="onboarding">
      <h2>No runs yet</h2>
      <p>This page fills in by itself when an agent runs. Wrap yours once:</p>
      <pre className="block">{code}</pre>
      <p className="actions">
        <button type="button" className="button" onClick={() => copy(code)}>
          Copy
        </button>
      </p>
      <p>
        Any OpenTelemetry SDK, in any language: <code>OTEL_EXPORTER_OTLP_ENDPOINT={url}</code>
      </p>
      <p className="muted">
        Nothing shows up? <code>npx spancast doctor</code> says what is wrong.
      </p>
    </section>
  )
}
