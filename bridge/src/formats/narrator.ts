import type {
  AgentEnd,
  AgentError,
  AgentEvent,
  AgentStart,
  Chunk,
  ErrorInfo,
  LlmEnd,
  LlmStart,
  RunEnd,
  StreamEnd,
  StreamGap,
  ToolEnd,
  ToolStart,
} from '@spancast/sdk'
import type { Moment } from './moment.ts'
import { type OpenSpan, openNode, openSpeaker, openTool } from './open-span.ts'
import { keyOf, OpenSpans } from './open-spans.ts'
import { type Now, Speech } from './speech.ts'

// What is open beyond that is no run that anybody could look at: the oldest closes.
const MAX_OPEN = 1024
const ABANDONED: ErrorInfo = { type: 'abandoned', message: 'It never ended by itself.' }

/**
 * Tells one reader a run's events as moments. What it tells is well-formed by itself, from the first moment to the
 * last, wherever the events begin, whichever are missing and whatever they say: it knows what this reader has been
 * told is open.
 */
export class Narrator {
  readonly #spans: OpenSpans
  readonly #speech: Speech
  #begun = false
  #over = false
  #now: Now = { seq: 0, at: 0 }
  #moments: Moment[] = []

  constructor(randomId: string) {
    this.#spans = new OpenSpans(randomId)
    this.#speech = new Speech((moment) => this.#tell(moment))
  }

  /** What an event tells; perhaps nothing. */
  event(event: AgentEvent): Moment[] {
    if (this.#over) return []
    this.#now = { seq: event.seq, at: event.timestamp }
    this.#begin()
    this.#take(event)
    return this.#taken()
  }

  /** Tells again what is open: for a reader that knows how it came to be. */
  resume(): Moment[] {
    if (!this.#begun || this.#over) return []
    const again = true
    const { at } = this.#now
    this.#tell({ is: 'run.begun', at, again })
    for (const span of [...this.#spans.all().map(([, open]) => open), this.#spans.run]) {
      const { node, tool, args, voice } = span
      if (node !== undefined) this.#tell({ is: 'node.begun', node, at, again })
      if (tool !== undefined) this.#tell({ is: 'tool.begun', tool, at, again })
      if (tool !== undefined && args !== undefined) {
        this.#tell({ is: 'tool.called', tool, args: args.value, at, again })
      }
      if (voice !== undefined) this.#tell({ is: 'voice.begun', voice, at, again })
    }
    return this.#taken()
  }

  gap(record: StreamGap): Moment[] {
    if (this.#over) return []
    this.#begin()
    this.#tell({ is: 'gap', record })
    return this.#taken()
  }

  /**
   * The stream ends. After the run's own end there is nothing more to tell.
   *
   * @param since - What the reader may resume with, if there is anything to resume.
   */
  end(record: StreamEnd, since: string | undefined): Moment[] {
    if (this.#over) return []
    this.#begin()
    // Nobody will ever be told how it went on.
    if (record.reason === 'disposed') this.#abandonAll()
    for (const [, span] of this.#spans.all()) this.#speech.hush(span, this.#now)
    this.#speech.hush(this.#spans.run, this.#now)
    this.#tell({ is: 'cut', record, since })
    return this.#taken()
  }

  #take(event: AgentEvent): void {
    switch (event.type) {
      case 'run.start':
        this.#spans.rootIs(keyOf(event))
        this.#tell({ is: 'run.told', event })
        break
      case 'run.end':
        this.#runEnd(event)
        break
      case 'agent.start':
        this.#nodeStart(event)
        break
      case 'agent.end':
      case 'agent.error':
        this.#nodeEnd(event)
        break
      case 'agent.tool.start':
        this.#toolStart(event)
        break
      case 'agent.tool.end':
        this.#toolEnd(event)
        break
      case 'agent.llm.start':
        this.#modelStart(event)
        break
      case 'agent.llm.end':
        this.#modelEnd(event)
        break
      case 'agent.chunk':
        this.#chunk(event)
        break
      case 'agent.event':
        this.#tell({ is: 'custom', place: this.#spans.placeOf(event), event })
        break
      default:
        this.#tell({ is: 'other', place: this.#spans.placeOf(event), event })
    }
  }

  #runEnd(event: RunEnd): void {
    const { run } = this.#spans
    this.#abandonAll()
    this.#speech.answers(run, event, this.#now)
    this.#speech.hush(run, this.#now)
    this.#tell({ is: 'run.ended', event })
    this.#over = true
  }

  #nodeStart(event: AgentStart): void {
    const key = keyOf(event)
    if (this.#spans.get(key) === undefined) this.#openNode(key, event, event.nodeKind)
  }

  #nodeEnd(event: AgentEnd | AgentError): void {
    const key = keyOf(event)
    const span = this.#spans.get(key) ?? this.#openNode(key, event, 'agent')
    const { node } = span
    // Another kind of span under the same id, which only senders of nonsense send.
    if (node === undefined) return
    if (event.type === 'agent.end' && node.kind === 'agent') {
      this.#speech.answers(span, event, this.#now)
    }
    this.#close(key, span)
    this.#tell({ is: 'node.ended', node, at: this.#now.at, event })
  }

  #openNode(
    key: string,
    event: AgentStart | AgentEnd | AgentError,
    kind: AgentStart['nodeKind'],
  ): OpenSpan {
    const { seq, at } = this.#now
    const named = { name: event.nodeName, kind, taken: this.#spans.labels }
    const span = this.#add(key, openNode(this.#spans.factsOf(key, event, seq), named))
    const { node } = span
    if (node !== undefined) this.#tell({ is: 'node.begun', node, at, again: false })
    return span
  }

  #toolStart(event: ToolStart): void {
    const key = keyOf(event, event.toolName)
    if (this.#spans.get(key) !== undefined) return
    const span = this.#openTool(key, event)
    // Arguments that are not known yet stand on the end.
    if (event.args !== null && event.args !== undefined) this.#called(span, event.args)
  }

  #toolEnd(event: ToolEnd): void {
    const key = keyOf(event, event.toolName)
    const begun = this.#spans.get(key)
    // Only its end tells that what began as a node was a tool.
    if (begun?.node !== undefined) this.#abandon(key, begun)
    const span = this.#spans.get(key) ?? this.#openTool(key, event)
    const { tool } = span
    if (tool === undefined) return
    if (span.args === undefined) this.#called(span, event.args ?? null)
    this.#close(key, span)
    const error = event.error ?? (event.abandoned === true ? ABANDONED : undefined)
    this.#tell({ is: 'tool.ended', tool, at: this.#now.at, result: event.result ?? null, error })
  }

  #openTool(key: string, event: ToolStart | ToolEnd): OpenSpan {
    const { toolName, toolCallId } = event
    const { seq, at } = this.#now
    const facts = this.#spans.factsOf(key, event, seq)
    const span = this.#add(key, openTool(facts, toolName, toolCallId))
    const { tool } = span
    if (tool !== undefined) this.#tell({ is: 'tool.begun', tool, at, again: false })
    return span
  }

  #called(span: OpenSpan, args: unknown): void {
    const { tool } = span
    if (tool === undefined) return
    span.args = { value: args }
    this.#tell({ is: 'tool.called', tool, args, at: this.#now.at, again: false })
  }

  #modelStart(event: LlmStart): void {
    const key = keyOf(event)
    if (this.#spans.get(key) !== undefined) return
    const { place } = this.#openSpeaker(key, event)
    this.#tell({ is: 'model.begun', place, event })
  }

  #modelEnd(event: LlmEnd): void {
    const key = keyOf(event)
    const span = this.#spans.get(key) ?? this.#openSpeaker(key, event)
    if (span.node !== undefined || span.tool !== undefined) return
    this.#speech.answers(span, event, this.#now)
    this.#close(key, span)
    this.#tell({ is: 'model.ended', place: span.place, event })
  }

  #chunk(event: Chunk): void {
    const { delta, kind } = event
    const key = keyOf(event)
    // Where there is none, its start is lost, or it was emitted for a node that nobody has opened.
    const span = this.#spans.find(key) ?? this.#openSpeaker(key, event)
    if (typeof delta !== 'string' || kind === 'data') {
      // Without content there is nothing to see.
      if (delta !== null) this.#tell({ is: 'chunk', place: span.place, event })
    } else if (kind === 'reasoning') this.#speech.thinks(span, delta, this.#now)
    else this.#speech.says(span, delta, this.#now)
  }

  #openSpeaker(key: string, event: AgentEvent): OpenSpan {
    return this.#add(key, openSpeaker(this.#spans.factsOf(key, event, this.#now.seq)))
  }

  #add(key: string, span: OpenSpan): OpenSpan {
    const oldest = this.#spans.oldest()
    if (oldest !== undefined && this.#spans.size >= MAX_OPEN) this.#abandon(...oldest)
    this.#spans.add(key, span)
    return span
  }

  #close(key: string, span: OpenSpan): void {
    this.#speech.leaves(span, this.#now)
    this.#spans.remove(key, span)
  }

  #abandonAll(): void {
    for (const [key, span] of this.#spans.all().reverse()) this.#abandon(key, span)
  }

  #abandon(key: string, span: OpenSpan): void {
    const { node, tool } = span
    const { at } = this.#now
    if (tool !== undefined && span.args === undefined) this.#called(span, null)
    this.#close(key, span)
    if (node !== undefined) this.#tell({ is: 'node.ended', node, at, event: undefined })
    if (tool !== undefined) {
      this.#tell({ is: 'tool.ended', tool, at, result: null, error: ABANDONED })
    }
  }

  #begin(): void {
    if (this.#begun) return
    this.#begun = true
    this.#tell({ is: 'run.begun', at: this.#now.at, again: false })
  }

  #tell(moment: Moment): void {
    this.#moments.push(moment)
  }

  #taken(): Moment[] {
    const moments = this.#moments
    this.#moments = []
    return moments
  }
}
