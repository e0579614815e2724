import { type Context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import { observationOf } from '../context/observation-context.ts'
import { linkOf, type SpanLink, setLink } from '../context/span-link.ts'
import { hasAgentKey } from '../dialect/classify.ts'
import { type ScopeTraits, scopeTraits } from '../dialect/scope-traits.ts'
import type { Run } from '../run/run.ts'
import { type OtelSpan, scopeOf } from './otel-span.ts'
import { ParentsById } from './parents-by-id.ts'
import { Place } from './place.ts'
import { callerIn, type RunNaming, stampRunId } from './run-naming.ts'
import { SecondLooks } from './second-looks.ts'
import { ALONE, isStanding, type Standing } from './standing.ts'
import { type Above, Unsettled } from './unsettled.ts'

/** Starts a span if it is recognised by now, which gives it another link. */
type Look = (span: OtelSpan, parentContext: Context) => void

/**
 * Spans that nobody recognises, yet or for good: what is below them is found through them. Most spans of a process
 * are such, so they cost as little as can be.
 */
export class UnknownSpans {
  readonly #runs: RunNaming
  readonly #look: Look
  readonly #onError: (error: unknown) => void
  readonly #parents = new ParentsById()
  readonly #second: SecondLooks
  /** The newest one: spans right below the same one mostly come in a row. */
  #unsettled: Unsettled

  /** @param onError - Gets what goes wrong when a span is looked at later on. */
  constructor(runs: RunNaming, look: Look, onError: (error: unknown) => void) {
    this.#runs = runs
    this.#look = look
    this.#onError = onError
    this.#unsettled = new Unsettled(undefined, this.#linkNow)
    this.#second = new SecondLooks(isUnsettled, (span, parentContext) => {
      try {
        this.#settle(span, parentContext)
      } catch (error) {
        onError(error)
      }
    })
  }

  /**
   * Gives a span that is not recognised its place.
   *
   * @param isBare - Whether it has no attributes.
   * @returns whether it may be recognised later.
   */
  place(span: OtelSpan, parentContext: Context, traits: ScopeTraits, isBare: boolean): boolean {
    // Libraries that tell later tell nothing at first, but for a few that are known.
    const waits = traits.tellsLater && (traits.agentic || isBare)
    const above = this.#aboveOf(span, parentContext)
    if (waits) {
      setLink(span, this.#unsettledBelow(above))
      this.#second.add(span, parentContext)
    } else if (above === undefined || isStanding(above)) setLink(span, above ?? ALONE)
    else setLink(span, this.#unsettledBelow(above))
    return waits
  }

  /** Whether no span is found by its ids. */
  get findsNone(): boolean {
    return this.#parents.isEmpty
  }

  /** Lets the span be found by its ids. */
  findable(span: OtelSpan): void {
    this.#parents.add(span)
  }

  /** The span has ended: its last chance to be recognised. @returns its link. */
  ended(span: OtelSpan): SpanLink | undefined {
    this.#parents.remove(span)
    const link = linkOf(span)
    return link instanceof Unsettled ? this.#settle(span, undefined) : link
  }

  /** Where a span stands that something begins below; `undefined` if it is not known here. */
  standing(span: Span): Standing | undefined {
    const link = linkOf(span)
    if (isStanding(link)) return link
    if (link === ALONE) return placeAt(span)
    if (link instanceof Unsettled) {
      // Only spans of this kind were given that link.
      const settled = this.#settle(span as OtelSpan, undefined)
      return settled === ALONE ? placeAt(span) : asStanding(settled)
    }
    const known = link === undefined ? this.#parents.find(span) : undefined
    return known && this.standing(known)
  }

  /** The span's link if it is settled by now, else `undefined`. */
  settledLinkOf(span: OtelSpan): SpanLink | undefined {
    if (isUnsettled(span)) this.#lookAgain(span)
    return isUnsettled(span) ? undefined : linkOf(span)
  }

  /** What is above the span; an unsettled span if it is that. Marks the span with the run that they are in. */
  #aboveOf(span: OtelSpan, parentContext: Context): Above {
    // Mostly a request that reaches a server.
    if (parentContext === ROOT_CONTEXT) return undefined
    const parent = trace.getSpan(parentContext)
    const observation = observationOf(parentContext)
    const above = parent && this.#above(parent)
    const run = isStanding(above) ? above.run : runOf(above)
    if (observation === undefined || run?.observer === observation.observer) {
      if (run !== undefined) stampRunId(span, run)
      return above ?? (parent && this.#calledPlace(span, parentContext))
    }
    const its = this.#runs.of(observation.observer, undefined)
    stampRunId(span, its)
    return new Place(span, its, false, parent && callerIn(parentContext))
  }

  /** The place of a span that a run in another process has called. */
  #calledPlace(span: OtelSpan, parentContext: Context): Place | undefined {
    const caller = callerIn(parentContext)
    if (caller === undefined) return undefined
    const joined = this.#runs.joined(parentContext)
    if (joined !== undefined) stampRunId(span, joined)
    return new Place(span, joined, true, caller)
  }

  #above(parent: Span): Standing | OtelSpan | undefined {
    const link = linkOf(parent)
    if (isStanding(link)) return link
    if (link === ALONE) return placeAt(parent)
    // Only spans of this kind were given that link.
    if (link instanceof Unsettled) return parent as OtelSpan
    const known = link === undefined ? this.#parents.find(parent) : undefined
    return known && this.#above(known)
  }

  #unsettledBelow(above: Above): Unsettled {
    if (this.#unsettled.above !== above) this.#unsettled = new Unsettled(above, this.#linkNow)
    return this.#unsettled
  }

  /** @param parentContext - What the span was started in, if that is known. */
  #settle(span: OtelSpan, parentContext: Context | undefined): SpanLink {
    this.#lookAgain(span, parentContext)
    const link = linkOf(span)
    if (!(link instanceof Unsettled)) return link ?? ALONE
    const settled = this.#settledAbove(link)
    setLink(span, settled)
    return settled
  }

  #settledAbove({ above }: Unsettled): SpanLink {
    if (above === undefined || isStanding(above)) return above ?? ALONE
    return this.standing(above) ?? ALONE
  }

  #lookAgain(span: OtelSpan, parentContext?: Context): void {
    if (!hasAgentKey(span.attributes) && !scopeTraits(scopeOf(span)).tellsByName) return
    const from = parentContext ?? this.#second.contextOf(span)
    if (from !== undefined) this.#look(span, from)
  }

  /** A signal goes to the span if it has said by now what it is; else to what is above it. */
  readonly #linkNow = (span: Span): SpanLink | undefined => {
    let at: Span | undefined = span
    try {
      while (at !== undefined) {
        const link = linkOf(at)
        if (!(link instanceof Unsettled)) return link
        // Only spans of this kind were given that link.
        const settled = this.settledLinkOf(at as OtelSpan)
        if (settled !== undefined) return settled
        const above: Above = link.above
        if (above === undefined || isStanding(above)) return above
        at = above
      }
    } catch (error) {
      this.#onError(error)
    }
    return undefined
  }
}

/** The run of what is above, as far as it is known: an unsettled span is in the run of what is above that. */
function runOf(above: Above): Run | undefined {
  let at: Above = above
  while (at !== undefined && !isStanding(at)) {
    const link: SpanLink | undefined = linkOf(at)
    at = link instanceof Unsettled ? link.above : asStanding(link)
  }
  return at?.run
}

/** The place of a root that was alone until now. */
function placeAt(root: Span): Place {
  // Only spans of this kind were given that link.
  const place = new Place(root as OtelSpan, undefined, true, undefined)
  setLink(root, place)
  return place
}

function asStanding(link: SpanLink | undefined): Standing | undefined {
  return isStanding(link) ? link : undefined
}

function isUnsettled(span: OtelSpan): boolean {
  return linkOf(span) instanceof Unsettled
}
