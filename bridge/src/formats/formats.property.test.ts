import type { AgentEvent, StreamEnd } from '@spancast/sdk'
import type { UIMessage } from 'ai'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Telling } from '../sse/telling.ts'
import { requestFormat } from './formats.ts'
import { given, readAgUi, readAiSdk } from './testing/readers.ts'
import { anyRun, RUN } from './testing/scripted-run.ts'

const RUNS = { numRuns: 200 }

/** What a reader gets of a run: from `after` on, without a stretch that was lost, until the stream ends. */
interface Reading {
  readonly events: readonly AgentEvent[]
  readonly after: number
  readonly lost: readonly [from: number, count: number]
  readonly reason: StreamEnd['reason']
}

const reading: fc.Arbitrary<Reading> = fc.record({
  events: anyRun,
  after: fc.nat(40),
  lost: fc.tuple(fc.nat(40), fc.nat(6)),
  reason: fc.constantFrom('max-duration', 'disposed', 'shutdown'),
})

function tell(name: string): Telling {
  const telling = requestFormat(name)?.tell(RUN)
  if (telling === undefined) throw new Error(`no format ${name}`)
  return telling
}

/** The frames of one stream. What was lost is lost to a reader that resumes, too. */
function stream(name: string, { events, after, lost: [from, count], reason }: Reading): string {
  const telling = tell(name)
  const isLost = ({ seq }: AgentEvent): boolean => seq >= from && seq < from + count
  const known = events.filter((event) => event.seq <= after && !isLost(event))
  for (const event of known) telling.skip(entryOf(event))
  let text = after === 0 ? '' : telling.resume()
  let toldGap = false
  for (const event of events.slice(after)) {
    if (!isLost(event)) text += telling.entry(entryOf(event), `e.${event.seq}`)
    else if (!toldGap) {
      const to = from + count - 1
      text += telling.gap({ type: 'stream.gap', reason: 'overwritten', from, to }, `e.${to}`)
      toldGap = true
    }
  }
  const ended = events.at(-1)?.type === 'run.end'
  const lastSeq = events.length
  const end = { type: 'stream.end', reason: ended ? 'completed' : reason, lastSeq } as const
  return text + telling.end(end, `e.${lastSeq}`)
}

function entryOf(event: AgentEvent): { seq: number; type: string; json: string } {
  return { seq: event.seq, type: event.type, json: JSON.stringify(event) }
}

describe('whatever happens in a run, and wherever a reader comes in', () => {
  test('the client of AG-UI accepts the stream, and every tool call it hears of is answered', async () => {
    await fc.assert(
      fc.asyncProperty(reading, async (all) => {
        const body = stream('ag-ui', all)
        if (!body.includes('data:')) return

        const { events, complaints } = await readAgUi('http://run', given(body))

        expect(complaints.filter((said) => !KNOWN_COMPLAINTS.test(said))).toEqual([])
        const types = events.map(({ type }) => String(type))
        expect(types[0]).toBe('RUN_STARTED')
        expect(types.filter((type) => /^RUN_(FINISHED|ERROR)$/.test(type)).length).toBeLessThan(2)
        if (types.at(-1) !== 'RUN_FINISHED') return
        const ids = (type: string): unknown[] =>
          events.filter((event) => String(event.type) === type).map(({ toolCallId }) => toolCallId)
        const answered = ids('TOOL_CALL_RESULT')
        expect(ids('TOOL_CALL_START').filter((id) => !answered.includes(id))).toEqual([])
      }),
      RUNS,
    )
  })

  test('the reader of the AI SDK accepts the stream', async () => {
    await fc.assert(
      fc.asyncProperty(reading, async (all) => {
        const body = stream('ai-sdk', all)

        const { chunks } = await readAiSdk('http://run', given(body))

        expect(body.endsWith('data: [DONE]\n\n')).toBe(true)
        if (chunks.length > 0) expect(chunks[0]?.type).toBe('start')
      }),
      RUNS,
    )
  })

  test('a reader that resumes has in the end what one that stayed has', async () => {
    await fc.assert(
      fc.asyncProperty(anyRun, fc.nat(40), async (events, cut) => {
        const whole = { events, after: 0, lost: [0, 0], reason: 'shutdown' } as const
        const first = { ...whole, events: events.slice(0, cut) }
        // Who has the end of the run has nothing to come back for.
        const over = events.slice(0, cut).some(({ type }) => type === 'run.end')
        if (cut >= events.length || cut === 0 || over) return
        const second = { ...whole, after: cut }

        const stayed = await readAgUi('http://run', given(stream('ag-ui', whole)))
        const left = await readAgUi('http://run', given(stream('ag-ui', first)))
        const back = await readAgUi('http://run', given(stream('ag-ui', second)), left.agent)

        expect(back.messages).toEqual(stayed.messages)
        const sat = await readAiSdk('http://run', given(stream('ai-sdk', whole)))
        const went = await readAiSdk('http://run', given(stream('ai-sdk', first)))
        const came = await readAiSdk('http://run', given(stream('ai-sdk', second)), went.message)
        expect(said(came.message)).toEqual(said(sat.message))
      }),
      RUNS,
    )
  })
})

/** What each span has said, and how its tools went. */
function said(message: UIMessage | undefined): Record<string, string> {
  const all: Record<string, string> = {}
  for (const part of message?.parts ?? []) {
    if (part.type === 'dynamic-tool') all[part.toolCallId] = JSON.stringify(part)
    if (part.type !== 'text' && part.type !== 'reasoning') continue
    const by = `${part.type} ${JSON.stringify(part.providerMetadata)}`
    all[by] = (all[by] ?? '') + part.text
  }
  return all
}

// A tool that changes its name while it runs, which two senders under one id can bring about.
const KNOWN_COMPLAINTS = /already exists with name/
