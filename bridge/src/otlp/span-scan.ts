import { PbfReader } from 'pbf'
import type { AgentMarks } from './agent-marks.ts'
import { checkMessage, type MessageShape, RESOURCE, SCOPE } from './message-shape.ts'
import { findScopeName } from './scope-name.ts'
import { SpanFields } from './span-fields.ts'
import { type Range, type ScopeEntry, SpanTable } from './span-table.ts'
import { BYTES, expectEnd, expectWire, readEnd, readTag, skipField } from './wire.ts'

const SLICE_BYTES = 512 * 1024

/**
 * The first of two passes over a protobuf request: checks the form of every byte, finds where the parts of each span
 * lie, and looks at the bytes of attribute keys. It makes no text and no object for a span.
 */
export class SpanScan {
  readonly #bytes: Buffer
  readonly #pbf: PbfReader
  readonly #marks: AgentMarks
  readonly #table: SpanTable
  readonly #fields: SpanFields
  readonly #name: Range = { from: -1, to: -1 }
  readonly #lastResource: Range = { from: 0, to: -1 }
  readonly #lastScope: Range = { from: 0, to: -1 }
  #askedScope = -1
  #askedIsAgentic = false
  #pauseAt = SLICE_BYTES
  // Where it is: in a scope of a resource, in a resource, or between resources.
  #resource: Range | undefined
  #resourceEnd = 0
  #scope: ScopeEntry | undefined
  #scopeEnd = 0
  #firstOfScope = 0

  constructor(bytes: Buffer, marks: AgentMarks) {
    this.#bytes = bytes
    this.#pbf = new PbfReader(bytes)
    this.#marks = marks
    this.#fields = new SpanFields(bytes, this.#pbf, marks)
    this.#table = new SpanTable(bytes.length)
  }

  /**
   * Goes on from where it paused, for half a megabyte or so, and pauses between spans.
   *
   * @returns the table when all is read.
   * @throws MalformedBody, or what pbf throws for a varint that has no end.
   */
  more(): SpanTable | undefined {
    this.#pauseAt = this.#pbf.pos + SLICE_BYTES
    for (;;) {
      if (this.#pbf.pos > this.#pauseAt) return undefined
      if (this.#scope !== undefined) {
        if (!this.#readScope(this.#scope)) return undefined
      } else if (this.#resource !== undefined) {
        this.#readResource(this.#resource)
      } else if (!this.#readRequest()) {
        return this.#table
      }
    }
  }

  /** Goes on to the next resource. @returns whether there is one. */
  #readRequest(): boolean {
    const pbf = this.#pbf
    const end = this.#bytes.length
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      if (tag >>> 3 !== 1) {
        skipField(pbf, tag & 7, end)
        continue
      }
      expectWire(tag & 7, BYTES)
      this.#resourceEnd = readEnd(pbf, end)
      // What it says of itself may stand behind the spans that it is for.
      this.#resource = { from: -1, to: -1 }
      return true
    }
    expectEnd(pbf, end)
    return false
  }

  /** Goes on to the next scope of the resource, or to the resource's end. */
  #readResource(resource: Range): void {
    const pbf = this.#pbf
    const end = this.#resourceEnd
    while (pbf.pos < end) {
      const tag = readTag(pbf)
      const field = tag >>> 3
      if (field > 3) {
        skipField(pbf, tag & 7, end)
        continue
      }
      expectWire(tag & 7, BYTES)
      const fieldEnd = readEnd(pbf, end)
      if (field === 1) this.#range(fieldEnd, RESOURCE, resource, this.#lastResource)
      else if (field === 3) pbf.pos = fieldEnd
      else {
        this.#scopeEnd = fieldEnd
        this.#scope = { from: -1, to: -1, resource }
        this.#firstOfScope = this.#table.size
        return
      }
    }
    expectEnd(pbf, end)
    this.#resource = undefined
  }

  /** Reads the spans of the scope. @returns whether all of them. */
  #readScope(scope: ScopeEntry): boolean {
    const pbf = this.#pbf
    const end = this.#scopeEnd
    while (pbf.pos < end) {
      if (pbf.pos > this.#pauseAt) return false
      const tag = readTag(pbf)
      const field = tag >>> 3
      if (field > 3) {
        skipField(pbf, tag & 7, end)
        continue
      }
      expectWire(tag & 7, BYTES)
      const fieldEnd = readEnd(pbf, end)
      if (field === 2) this.#span(fieldEnd)
      else if (field === 1) this.#range(fieldEnd, SCOPE, scope, this.#lastScope)
      else pbf.pos = fieldEnd
    }
    expectEnd(pbf, end)
    this.#closeScope(scope)
    return true
  }

  #closeScope(scope: ScopeEntry): void {
    this.#scope = undefined
    const table = this.#table
    if (table.size === this.#firstOfScope) return
    table.scopes.push(scope)
    if (scope.from >= 0 && this.#isAgentic(this.#lastScope)) table.markFrom(this.#firstOfScope)
  }

  /** Whether spans are agentic for their scope; asked once of scopes that are the same. */
  #isAgentic(scope: Range): boolean {
    if (scope.from === this.#askedScope) return this.#askedIsAgentic
    const pbf = this.#pbf
    const { pos } = pbf
    const found = findScopeName(pbf, scope, this.#name)
    pbf.pos = pos
    this.#askedScope = scope.from
    this.#askedIsAgentic = found && this.#marks.isScopeBytes(this.#bytes, this.#name)
    return this.#askedIsAgentic
  }

  /** @param last - The one of its kind that was checked last: some senders repeat it with every span. */
  #range(end: number, shape: MessageShape, into: Range, last: Range): void {
    const pbf = this.#pbf
    const from = pbf.pos
    into.from = from
    into.to = end
    if (end - from === last.to - last.from && this.#isRepeated(last.from, from, end - from)) {
      pbf.pos = end
      return
    }
    checkMessage(pbf, end, shape)
    last.from = from
    last.to = end
  }

  #isRepeated(a: number, b: number, length: number): boolean {
    const bytes = this.#bytes
    for (let i = 0; i < length; i++) {
      if (bytes[a + i] !== bytes[b + i]) return false
    }
    return true
  }

  #span(end: number): void {
    const table = this.#table
    const row = this.#fields.read(end)
    if (row === undefined) {
      table.rejected++
      return
    }
    row.scope = table.scopes.length
    table.add(row)
  }
}
