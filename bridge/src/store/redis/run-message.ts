import type { FeedEntry } from '../run-store.ts'
import { listOf, numberOf, textOf } from './reply.ts'

/** What is said on a run's channel, and what is read of its keys: the same, so that both are taken in the same way. */
export interface RunMessage {
  readonly epoch: string
  /** What the store had before. */
  readonly base: number
  readonly last: number
  readonly lost: number
  readonly firstEvent: number
  readonly firstChunk: number
  readonly ended: boolean
  readonly seenAt: number
  readonly entries: readonly { readonly entry: FeedEntry; readonly chunk: boolean }[]
}

/**
 * A message as a script has put it together: `gone` if the run was let go, `alias` if the channel's run goes by
 * another name.
 */
export function messageOf(text: string): RunMessage | 'gone' | 'alias' {
  const [first = '', ...lines] = text.split('\n')
  const head = JSON.parse(first) as Readonly<Record<string, unknown>>
  if (head.gone === 1) return 'gone'
  if (head.alias === 1) return 'alias'
  return {
    epoch: textOf(head.epoch),
    base: numberOf(head.base),
    last: numberOf(head.last),
    lost: numberOf(head.lost),
    firstEvent: numberOf(head.events),
    firstChunk: numberOf(head.chunks),
    ended: head.ended === 1,
    seenAt: numberOf(head.seen),
    entries: lines.map(entryIn),
  }
}

/** What is read of a run above `after`; `undefined` if there is no such run. */
export function readOf(reply: unknown, after: number): RunMessage | undefined {
  const [epoch, last, lost, ended, seen, events, chunks] = listOf(reply)
  if (epoch === undefined) return undefined
  const entries = [...entriesIn(events, false), ...entriesIn(chunks, true)]
  return {
    epoch: textOf(epoch),
    base: after,
    last: numberOf(last),
    lost: numberOf(lost),
    firstEvent: 0,
    firstChunk: 0,
    ended: ended === '1',
    seenAt: numberOf(seen),
    entries: entries.sort((a, b) => a.entry.seq - b.entry.seq),
  }
}

function entryIn(line: string): RunMessage['entries'][number] {
  const space = line.indexOf(' ')
  const json = line.slice(space + 2)
  const seq = Number(line.slice(0, space))
  return { entry: { seq, type: typeOf(json), json }, chunk: line[space + 1] === 'c' }
}

function entriesIn(reply: unknown, chunk: boolean): RunMessage['entries'][number][] {
  return listOf(reply).map((one) => {
    const [id, fields] = listOf(one)
    const json = textOf(listOf(fields)[1])
    return { entry: { seq: Number.parseInt(textOf(id), 10), type: typeOf(json), json }, chunk }
  })
}

const TYPE = /^\{"type":"([a-z.]+)"/

/** Our own texts begin with the type. */
function typeOf(json: string): string {
  const type = TYPE.exec(json)?.[1]
  return type ?? String((JSON.parse(json) as { type?: unknown }).type)
}
