/** One chunk of streamed text and those before it. */
export interface ChunkLink {
  readonly seq: number
  readonly delta: string
  readonly before: ChunkLink | undefined
}

/** The chain with one chunk more, at its place. */
export function linked(chain: ChunkLink | undefined, seq: number, delta: string): ChunkLink {
  const later: ChunkLink[] = []
  let before = chain
  while (before !== undefined && before.seq > seq) {
    later.push(before)
    before = before.before
  }
  let link: ChunkLink = { seq, delta, before }
  for (let one = later.pop(); one !== undefined; one = later.pop()) link = { ...one, before: link }
  return link
}

/** The text of a chain. */
export function textOf(chain: ChunkLink | undefined): string {
  const deltas: string[] = []
  for (let link = chain; link !== undefined; link = link.before) deltas.push(link.delta)
  return deltas.reverse().join('')
}
