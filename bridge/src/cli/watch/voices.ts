import { Flow } from './flow.ts'

/** Who speaks, and where its words stand. */
export interface Voice {
  readonly spanId: string
  /** Of the agent that speaks. */
  readonly name: string
  /** Characters before the words, at the beginning of which the name stands. */
  readonly margin: number
  /** Characters of a line after the margin. */
  readonly width: number
}

interface Speaker {
  readonly voice: Voice
  readonly flow: Flow
  /** What is laid out and not written: somebody else has begun a line. */
  pending: string
}

/**
 * The text of spans that stream at the same time, in one column: who has begun a line may end it, and what others say
 * meanwhile comes line by line, with the name of the speaker where that changes.
 */
export class Voices {
  readonly #speakers = new Map<string, Speaker>()
  /** Whose line is open. */
  #owner: Speaker | undefined
  #named: string | undefined

  /** What can be written now that these words were streamed. */
  speak(voice: Voice, words: string): string {
    const speaker = this.#speakerOf(voice)
    speaker.pending += speaker.flow.push(words)
    const isFree = this.#owner === undefined || this.#owner === speaker
    const upto = isFree ? speaker.pending.length : speaker.pending.lastIndexOf('\n') + 1
    if (upto === 0) return ''
    return this.#write(speaker, upto)
  }

  /** What ends an open line, because something else is to be written. */
  pause(): string {
    const end = this.#owner?.flow.pause() ?? ''
    this.#owner = undefined
    this.#named = undefined
    return end
  }

  /** The rest of what a span has said, or all have. */
  end(spanId?: string): string {
    let rest = ''
    for (const [id, speaker] of this.#speakers) {
      if (spanId !== undefined && id !== spanId) continue
      speaker.pending += speaker.flow.end()
      if (speaker.pending !== '') rest += this.#write(speaker, speaker.pending.length)
      this.#speakers.delete(id)
    }
    return `${rest}${this.pause()}`
  }

  #write(speaker: Speaker, upto: number): string {
    const before = this.#owner === speaker ? '' : this.pause()
    const text = speaker.pending.slice(0, upto)
    speaker.pending = speaker.pending.slice(upto)
    this.#owner = text.endsWith('\n') ? undefined : speaker
    return `${before}${this.#withName(speaker.voice, text)}`
  }

  /** The name stands where a speaker begins, in the margin of that line. */
  #withName({ spanId, name, margin }: Voice, text: string): string {
    const isLineStart = text.startsWith(' '.repeat(margin))
    if (this.#named === spanId || !isLineStart) return text
    this.#named = spanId
    return `${name.slice(0, margin - 1).padEnd(margin)}${text.slice(margin)}`
  }

  #speakerOf(voice: Voice): Speaker {
    const known = this.#speakers.get(voice.spanId)
    if (known !== undefined) return known
    const flow = new Flow(`${' '.repeat(voice.margin)}│ `, voice.width)
    const speaker = { voice, flow, pending: '' }
    this.#speakers.set(voice.spanId, speaker)
    return speaker
  }
}
