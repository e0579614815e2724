import type { ControlRecord } from '@spancast/sdk'

// What would end a line, and NUL, for which a reader ignores an id.
const UNSAFE_IN_LINE = /[\r\n\0]+/g

/** One event of a run. `id` moves the reader's cursor at the moment that the event is dispatched, never before. */
export function eventFrame(epoch: string, seq: number, json: string): string {
  return `id: ${oneLine(epoch)}.${seq}\n${dataFrame(json)}`
}

/** A message without an id: it leaves the reader's cursor where it is. */
export function dataFrame(json: string): string {
  if (!json.includes('\n') && !json.includes('\r')) return `data: ${json}\n\n`
  // A reader puts the lines together again with LF, which is white space to JSON.
  return `${json
    .split(/\r\n|\r|\n/)
    .map((line) => `data: ${line}\n`)
    .join('')}\n`
}

/** A control record. With an `id`, the reader resumes after that. */
export function recordFrame(record: ControlRecord, id?: string): string {
  const data = dataFrame(JSON.stringify(record))
  return id === undefined ? data : `id: ${oneLine(id)}\n${data}`
}

/** Moves the reader's cursor without a message: an id takes effect at the blank line. */
export function cursorFrame(id: string): string {
  return `id: ${oneLine(id)}\n\n`
}

/** A comment: scripts do not see it, proxies and half-open connections do. */
export function commentFrame(text: string): string {
  return `: ${oneLine(text)}\n\n`
}

/** How long a reader waits before it comes back, in whole milliseconds. */
export function retryFrame(ms: number): string {
  return `retry: ${Math.max(0, Math.round(ms))}\n\n`
}

function oneLine(text: string): string {
  return text.replace(UNSAFE_IN_LINE, ' ')
}
