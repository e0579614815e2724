import type { FeedEntry } from '../run-store.ts'
import type { Parcel } from './backlog.ts'

/** What is said on the channels of namespaces of entries that are written together, by namespace. */
export function namespaceMessages(batch: readonly Parcel[]): Map<string, string> {
  const messages = new Map<string, string>()
  for (const { seq, type, json, namespace } of batch) {
    if (namespace === undefined) continue
    const line = `${seq} ${type} ${json}`
    const before = messages.get(namespace)
    messages.set(namespace, before === undefined ? line : `${before}\n${line}`)
  }
  return messages
}

/** The entries that a message tells of. */
export function entriesOf(message: string): FeedEntry[] {
  return message.split('\n').map((line) => {
    const [seq = '', type = ''] = line.split(' ', 2)
    return { seq: Number(seq), type, json: line.slice(seq.length + type.length + 2) }
  })
}
