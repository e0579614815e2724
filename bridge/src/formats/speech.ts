import { answerText } from './answer-text.ts'
import type { Moment, Voice } from './moment.ts'
import type { OpenSpan } from './open-span.ts'

/** The event that is being told. */
export interface Now {
  readonly seq: number
  /** Milliseconds since the Unix epoch. */
  readonly at: number
}

/**
 * Tells what spans say: each stretch of it as a voice that begins and ends, nothing twice. One span has one voice at a
 * time, and a node stops when one below it speaks, so that voices come in the order in which things were said.
 */
export class Speech {
  readonly #tell: (moment: Moment) => void

  constructor(tell: (moment: Moment) => void) {
    this.#tell = tell
  }

  /** Text that was streamed. */
  says(span: OpenSpan, text: string, now: Now): void {
    this.#utter(span, span.echo === undefined ? text : span.echo.say(text), now)
  }

  thinks(span: OpenSpan, text: string, now: Now): void {
    this.#voice(span, 'reasoning', text, now)
  }

  /** The text that a span returned, unless it has been told, by itself or by those below it. */
  answers(
    span: OpenSpan,
    event: { readonly output?: unknown; readonly truncated?: readonly string[] },
    now: Now,
  ): void {
    this.#finish(span, now)
    const text = answerText(event.output)
    if (text === undefined) return
    const cut = event.truncated?.some((at) => at.startsWith('/output')) === true
    // A model call says one thing, streamed or returned.
    if (span.echo === undefined ? span.spoke : span.echo.holds(text, cut)) {
      for (const [, echo] of listenersOf(span)) echo.knows(text)
    } else this.#utter(span, text, now)
  }

  /** The span ends. */
  leaves(span: OpenSpan, now: Now): void {
    this.#finish(span, now)
    this.hush(span, now)
    if (!span.spoke) return
    for (const [above, echo] of listenersOf(span)) this.#utter(above, echo.falls(span), now)
  }

  /** Ends what the span is saying, for now. */
  hush(span: OpenSpan, { at }: Now): void {
    const { voice } = span
    if (voice === undefined) return
    span.voice = undefined
    this.#tell({ is: 'voice.ended', voice, at })
  }

  #finish(span: OpenSpan, now: Now): void {
    if (span.echo !== undefined) this.#utter(span, span.echo.rest(), now)
  }

  /** Text that is the span's own. Those above hear it. */
  #utter(span: OpenSpan, text: string, now: Now): void {
    if (text === '') return
    span.spoke = true
    for (const [above, echo] of listenersOf(span)) {
      this.#utter(above, echo.hear(span, text), now)
      // What it says later comes after this.
      if (above.voice?.kind === 'text') this.hush(above, now)
    }
    this.#voice(span, 'text', text, now)
  }

  #voice(span: OpenSpan, kind: Voice['kind'], delta: string, now: Now): void {
    if (delta === '') return
    const { seq, at } = now
    let { voice } = span
    if (voice?.kind !== kind) {
      this.hush(span, now)
      voice = { id: `${span.place.id}-${seq}`, kind, of: span.place }
      span.voice = voice
      this.#tell({ is: 'voice.begun', voice, at, again: false })
    }
    this.#tell({ is: 'voice.said', voice, delta, at })
  }
}

/** The spans above that could repeat what is said, the nearest first. */
function* listenersOf(span: OpenSpan): Generator<[OpenSpan, NonNullable<OpenSpan['echo']>]> {
  for (let above = span.parent; above !== undefined; above = above.parent) {
    if (above.echo !== undefined) yield [above, above.echo]
  }
}
