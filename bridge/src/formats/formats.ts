import { BridgeError } from '../errors.ts'
import { shown } from '../sse/stream-query.ts'
import type { StreamFormat } from '../sse/telling.ts'
import { agUi } from './ag-ui.ts'
import { aiSdk } from './ai-sdk.ts'
import { formatOf } from './format-telling.ts'

/** The run's own events, which need no telling. */
const OWN = 'spancast'

const FORMATS: readonly StreamFormat[] = [
  formatOf({ name: 'ag-ui', translate: agUi }),
  formatOf({
    name: 'ai-sdk',
    translate: aiSdk,
    headers: { 'x-vercel-ai-ui-message-stream': 'v1' },
    lastData: '[DONE]',
  }),
]

/**
 * The format that a request asks for.
 *
 * @param value - `?format=`.
 * @returns `undefined` for the run's own events.
 * @throws BridgeError `unknown-format` for one that is not spoken here.
 */
export function requestFormat(value: unknown): StreamFormat | undefined {
  if (value === undefined || value === OWN) return undefined
  const format = FORMATS.find(({ name }) => name === value)
  if (format !== undefined) return format
  const names = [OWN, ...FORMATS.map(({ name }) => name)]
  throw new BridgeError(
    'unknown-format',
    `Expected \`format\` to be one of ${names.join(', ')}, or absent, got ${shown(value)}.`,
    { extra: { formats: names } },
  )
}
