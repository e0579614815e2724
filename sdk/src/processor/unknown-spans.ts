import { type Context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import { type ObservationContext, observationOf } from '../context/observation-context.ts'
import { linkOf, type SpanLink, setLink } from '../context/span-link.ts'
import { hasAgentKey } from '../dialect/classify.ts'
import { type ScopeTraits, scopeTraits } from '../dialect/scope-traits.ts'
import type { Run } from '../run/run.ts'
import type { SpanRecord } from '../run/span-record.ts'
import { isStanding, type Standing } from '../run/standing.ts'
import { ALONE } from './alone.ts'
import { type OtelSpan, scopeOf } from './otel-span.ts'
import { ParentsById } from './parents-by-id.ts'
import { Place } from './place.ts'
import { callerIn, type RunNaming, stampRunId } from './run-naming.ts'
import { SecondLooks } from './second-looks.ts'
import { Unsettled } from './unsettled.ts'

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
  /** The newest context in which a span stands for good, since its code mostly starts some in a row. */
  #context: Context | undefined
  /** Where they stand in that context. */
  #standing: Standing | undefined

  /** @param onError - Gets what goes wrong when a span is looked at later on. */
  constructor(runs: RunNaming, look: Look, onError: (error: unknown) => void) {
    this.#runs = runs
    this.#look = look
    this.#onError = onError
    this.#unsettled = new Unsettled(undefined, ALONE, this.#linkNow)
    this.#second = new SecondLooks(isUnsettled, (span, parentContext) => {
      try {
        const link = linkOf(span)
        if (link instanceof Unsettled) this.#settle(span, link, parentContext)
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
    // Mostly a request that reaches a server.
    const link = parentContext === ROOT_CONTEXT ? ALONE : this.#linkIn(span, parentContext)
    setLink(span, waits ? this.#unsettledBelow(link) : link)
    if (waits) this.#second.add(span, parentContext)
    return waits
  }

  /** Lets the span be found by its ids. */
  findable(span: OtelSpan): void {
    this.#parents.add(span)
  }

  /** The span has ended: its last chance to be recognised. @returns the record that it stands in. */
  ended(span: OtelSpan): SpanRecord | undefined {
    if (!this.#parents.isEmpty) this.#parents.remove(span)
    const link = linkOf(span)
    if (link === ALONE) return undefined
    return isStanding(link) ? link.record : this.#endedUnsettled(span, link)
  }

  /** Where a span stands that something begins below; `undefined` if it is not known here. */
  standing(span: Span): Standing | undefined {
    const link = linkOf(span)
    if (isStanding(link)) return link
    if (link === ALONE) return placeAt(span)
    if (link instanceof Unsettled) {
      // Only spans of this kind were given that link.
      const settled = this.#settle(span as OtelSpan, link, undefined)
      return settled === ALONE ? placeAt(span) : asStanding(settled)
    }
    const known = link === undefined ? this.#parents.find(span) : undefined
    return known && this.standing(known)
  }

  /** The span's link if it is settled by now, else `undefined`. */
  settledLinkOf(span: OtelSpan): SpanLink | undefined {
    if (isUnsettled(span) && this.#mayBeKnown(span)) this.#lookAgain(span, undefined)
    return isUnsettled(span) ? undefined : linkOf(span)
  }

  #endedUnsettled(span: OtelSpan, link: SpanLink | undefined): SpanRecord | undefined {
    if (!(link instanceof Unsettled)) return undefined
    const settled = asStanding(this.#settle(span, link, undefined))
    this.#second.settled(span)
    return settled?.record
  }

  /** The link of a span that is no more than what is above it. Marks the span with the run that they are in. */
  #linkIn(span: OtelSpan, parentContext: Context): SpanLink {
    let link = this.#standing
    if (parentContext !== this.#context || link === undefined) {
      const above = linkOf(trace.getSpan(parentContext))
      if (!isStanding(above) || leadsElsewhere(above.run, observationOf(parentContext))) {
        return this.#unusualLinkIn(span, parentContext)
      }
      link = above
      this.#context = parentContext
      this.#standing = above
    }
    if (link.run !== undefined) stampRunId(span, link.run)
    return link
  }

  #unusualLinkIn(span: OtelSpan, parentContext: Context): SpanLink {
    const parent = trace.getSpan(parentContext)
    const observation = observationOf(parentContext)
    const link = parent && this.#linkBelow(parent)
    const run = runOf(link)
    if (leadsElsewhere(run, observation)) {
      const its = this.#runs.of(observation.observer, undefined)
      stampRunId(span, its)
      return new Place(span, its, false, parent && callerIn(parentContext))
    }
    if (run !== undefined) stampRunId(span, run)
    return link ?? (parent && this.#calledPlace(span, parentContext)) ?? ALONE
  }

  /** The place of a span that a run in another process has called. */
  #calledPlace(span: OtelSpan, parentContext: Context): Place | undefined {
    const caller = callerIn(parentContext)
    if (caller === undefined) return undefined
    const joined = this.#runs.joined(parentContext)
    if (joined !== undefined) stampRunId(span, joined)
    return new Place(span, joined, true, caller)
  }

  /** What spans right below `parent` share; `undefined` if it is not known here. */
  #linkBelow(parent: Span): Standing | Unsettled | undefined {
    const link = linkOf(parent)
    if (isStanding(link)) return link
    if (link === ALONE) return placeAt(parent)
    // Only spans of this kind were given that link.
    if (link instanceof Unsettled) return this.#unsettledIn(parent as OtelSpan, ALONE)
    const known = link === undefined ? this.#parents.find(parent) : undefined
    return known && this.#linkBelow(known)
  }

  #unsettledBelow(link: SpanLink): Unsettled {
    return link instanceof Unsettled ? link : this.#unsettledIn(undefined, link)
  }

  #unsettledIn(parent: OtelSpan | undefined, above: SpanLink): Unsettled {
    const newest = this.#unsettled
    if (newest.parent === parent && newest.above === above) return newest
    this.#unsettled = new Unsettled(parent, above, this.#linkNow)
    return this.#unsettled
  }

  /** @param parentContext - What the span was started in, if that is known. */
  #settle(span: OtelSpan, unsettled: Unsettled, parentContext: Context | undefined): SpanLink {
    if (this.#mayBeKnown(span)) {
      this.#lookAgain(span, parentContext)
      const link = linkOf(span)
      if (!(link instanceof Unsettled)) return link ?? ALONE
    }
    const settled = this.#settledAbove(unsettled)
    setLink(span, settled)
    return settled
  }

  #settledAbove({ parent, above }: Unsettled): SpanLink {
    return parent === undefined ? above : (this.standing(parent) ?? ALONE)
  }

  #mayBeKnown(span: OtelSpan): boolean {
    return hasAgentKey(span.attributes) || scopeTraits(scopeOf(span)).tellsByName
  }

  #lookAgain(span: OtelSpan, parentContext: Context | undefined): void {
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
        if (link.parent === undefined) return link.above
        at = link.parent
      }
    } catch (error) {
      this.#onError(error)
    }
    return undefined
  }
}

/** Whether a context says that what happens in it is a part of another run than that. */
function leadsElsewhere(
  run: Run | undefined,
  observation: ObservationContext | undefined,
): observation is ObservationContext {
  return observation !== undefined && run?.observer !== observation.observer
}

/** The run of what is above, as far as it is known: an unsettled span is in the run of what is above that. */
function runOf(link: SpanLink | undefined): Run | undefined {
  let at = link
  while (at instanceof Unsettled) at = at.parent === undefined ? at.above : linkOf(at.parent)
  return asStanding(at)?.run
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
