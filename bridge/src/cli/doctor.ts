import { bridgeAddress, URL_FLAG } from './bridge-address.ts'
import type { Command } from './command.ts'
import { checkReady, findBridge } from './doctor/bridge.ts'
import type { Finding } from './doctor/finding.ts'
import { checkNode } from './doctor/node-version.ts'
import { checkTestSpan } from './doctor/test-span.ts'
import { checkUpstream } from './doctor/upstream.ts'
import { EXIT } from './exit-code.ts'
import { packageFacts } from './package-facts.ts'
import { paint } from './paint.ts'
import { bridgeOptions, OPTION_FLAGS } from './settings.ts'

const OWN = ['upstream-url', 'upstream-headers-file', 'token-file', 'ingest-token-file']
const MARKS = { good: ['✔', 'green'], bad: ['✖', 'red'], none: ['–', 'gray'] } as const

/** `spancast doctor`: tells what works and what does not, line by line. */
export const doctor: Command = {
  name: 'doctor',
  summary: 'Checks that a bridge can run and be reached, and that spans arrive',
  details: [
    'Reads the variables that serve reads. Where no bridge runs yet, it starts one for the checks. One span of the\nservice spancast-doctor is sent to the bridge. Exit code 0 if nothing is wrong, else 1.',
  ],
  groups: [
    { title: 'Flags', flags: [URL_FLAG, ...OPTION_FLAGS.filter(({ name }) => OWN.includes(name))] },
  ],
  run: async (given, { env, stdout }) => {
    const options = await bridgeOptions(given, env)
    const colored = stdout.isTTY === true && !env.NO_COLOR
    let healthy = true
    const tell = ({ state, text }: Finding): void => {
      const [mark, color] = MARKS[state]
      stdout.write(`${colored ? paint(color, mark) : mark} ${text}\n`)
      if (state === 'bad') healthy = false
    }

    tell(checkNode(process.versions.node, packageFacts().node))
    const { finding, url, started } = await findBridge(
      bridgeAddress(given.value('url'), options),
      options,
    )
    tell(finding)
    try {
      if (url !== undefined) tell(await checkReady(url))
      tell(await checkUpstream(options.upstreamUrl, options.upstreamHeaders))
      const { token, ingestToken } = options
      if (url !== undefined) tell(await checkTestSpan({ url, token, ingestToken }))
    } finally {
      await started?.close()
    }
    return healthy ? EXIT.ok : EXIT.failed
  },
}
