import type { AgentEvent, StreamEnd, StreamGap } from '@spancast/sdk'
import { cursorFrame, dataFrame } from '../sse/frame.ts'
import type { StreamFormat, Telling } from '../sse/telling.ts'
import type { FeedEntry } from '../store/run-store.ts'
import type { Moment } from './moment.ts'
import { Narrator } from './narrator.ts'
import type { Translate } from './wire-record.ts'

interface FormatOptions {
  readonly name: string
  readonly headers?: Readonly<Record<string, string>>
  readonly translate: Translate
  /** `data:` of the last frame of all. */
  readonly lastData?: string
}

/** A format whose records are what `translate` makes of each moment. */
export function formatOf({ name, headers = {}, translate, lastData }: FormatOptions): StreamFormat {
  const last = lastData === undefined ? '' : dataFrame(lastData)
  return {
    name,
    headers,
    tell: (randomId) => new FormatTelling(randomId, headers, translate, last),
  }
}

class FormatTelling implements Telling {
  readonly headers: Readonly<Record<string, string>>
  readonly #randomId: string
  readonly #translate: Translate
  readonly #last: string
  readonly #narrator: Narrator

  constructor(
    randomId: string,
    headers: Readonly<Record<string, string>>,
    translate: Translate,
    last: string,
  ) {
    this.headers = headers
    this.#randomId = randomId
    this.#translate = translate
    this.#last = last
    this.#narrator = new Narrator(randomId)
  }

  skip(entry: FeedEntry): void {
    this.#narrator.event(eventOf(entry))
  }

  resume(): string {
    return this.#frames(this.#narrator.resume())
  }

  entry(entry: FeedEntry, id: string): string {
    return this.#frames(this.#narrator.event(eventOf(entry)), id)
  }

  gap(gap: StreamGap, id?: string): string {
    return this.#frames(this.#narrator.gap(gap), id)
  }

  end(end: StreamEnd, id?: string): string {
    return this.#frames(this.#narrator.end(end, id)) + this.#last
  }

  /** The id stands on the last frame: a reader that was cut off in between gets all of the event again. */
  #frames(moments: readonly Moment[], id?: string): string {
    const frames: string[] = []
    for (const moment of moments) {
      for (const record of this.#translate(moment, this.#randomId)) {
        frames.push(dataFrame(JSON.stringify(record)))
      }
    }
    const last = frames.pop()
    if (id === undefined) return last === undefined ? '' : frames.join('') + last
    const moved = cursorFrame(id)
    // An event that tells nothing moves the cursor all the same.
    return last === undefined ? moved : `${frames.join('')}${moved.slice(0, -1)}${last}`
  }
}

function eventOf({ json }: FeedEntry): AgentEvent {
  // Whatever entered the store was made or checked by the SDK; new types and fields are tolerated below.
  return JSON.parse(json) as AgentEvent
}
