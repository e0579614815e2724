import type { AgentEvent, StreamEnd, StreamGap } from '@spancast/sdk'
import { initialState, ownText, type RunState, reduce } from '@spancast/sdk/client'
import type { CommandIo } from '../command.ts'
import type { GivenFlags } from '../given-flags.ts'
import { UsageError } from '../usage-error.ts'
import { jsonLine } from './clean.ts'
import { Brush, lookOf, Pen } from './screen.ts'
import { selectionOf } from './selection.ts'
import { gapWords, Story, whole } from './story.ts'

/** Writes a run to stdout, in one of three ways: for people, as records, or as nothing but the streamed text. */
export class RunTeller {
  readonly #pen: Pen
  readonly #story: Story
  readonly #way: 'story' | 'json' | 'text'
  readonly #selected: (event: AgentEvent) => boolean
  readonly #said = new Map<string, number>()
  #state: RunState
  #speaker: string | undefined
  #lineOpen = false
  #gaps = 0

  /** @throws UsageError for flags that do not fit. */
  constructor(given: GivenFlags, io: CommandIo, randomId: string) {
    const [json, text] = [given.switched('json') === true, given.switched('text') === true]
    if (json && text) throw new UsageError('Expected --json or --text, got both.')
    this.#way = json ? 'json' : text ? 'text' : 'story'
    this.#selected = selectionOf(given.value('only'))
    this.#pen = new Pen(io.stdout, given.switched('raw') === true)
    this.#story = new Story(new Brush(lookOf(given, io, io.stdout)), this.#pen)
    this.#state = initialState(randomId)
  }

  get state(): RunState {
    return this.#state
  }

  /** Gaps that were told. */
  get gaps(): number {
    return this.#gaps
  }

  async event(event: AgentEvent): Promise<void> {
    this.#state = reduce(this.#state, event)
    if (!this.#selected(event)) return
    if (this.#way === 'json') await this.#pen.write(jsonLine(event))
    else if (this.#way === 'story') await this.#pen.write(this.#story.tell(event, this.#state))
    else if (event.type === 'agent.chunk') await this.#text(event.spanId)
  }

  /** @returns What is missing, in words. */
  async gap(gap: StreamGap): Promise<string> {
    this.#gaps++
    this.#state = reduce(this.#state, gap)
    if (this.#way === 'json') await this.#pen.write(jsonLine(gap))
    else if (this.#way === 'story') await this.#pen.write(this.#story.gap(gap, this.#state))
    return gapWords(gap, this.#state)
  }

  /** Nothing comes any more. */
  async end(ended?: StreamEnd): Promise<void> {
    if (this.#way === 'story') await this.#pen.write(this.#story.end())
    else if (this.#way === 'text') await this.#pen.write(this.#lineOpen ? '\n' : '')
    else if (ended !== undefined) await this.#pen.write(jsonLine(ended))
  }

  async #text(spanId: string): Promise<void> {
    const all = whole(ownText(this.#state, spanId))
    const said = this.#said.get(spanId) ?? 0
    if (all.length <= said) return
    this.#said.set(spanId, all.length)
    const words = this.#pen.words(all.slice(said))
    if (words === '') return
    const other = this.#speaker !== undefined && this.#speaker !== spanId && this.#lineOpen
    this.#speaker = spanId
    this.#lineOpen = !words.endsWith('\n')
    await this.#pen.write(other ? `\n${words}` : words)
  }
}
