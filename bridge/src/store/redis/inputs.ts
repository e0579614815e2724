import {
  type CollectedSpan,
  type LinkRecord,
  type OtherSpan,
  type OtherSpans,
  SPAN_WORDS,
} from '@spancast/sdk/internal'

type Root = Omit<OtherSpan, 'told'> & { readonly told?: ReturnType<NonNullable<OtherSpan['told']>> }

/** What one request has brought for one group of runs. */
export interface Input {
  readonly spans: CollectedSpan[]
  readonly links: LinkRecord[]
  /** Numbers that place the other spans. */
  readonly ids: number[]
  /** Those of them that their process began with, by their place in `ids`. */
  readonly roots: [index: number, root: Root][]
}

const BYTES = '$bytes'

export function emptyInput(): Input {
  return { spans: [], links: [], ids: [], roots: [] }
}

/** Adds one of a request's other spans, with all that somebody may ask of it. */
export function addOther(input: Input, others: OtherSpans, index: number, isRoot: boolean): void {
  const at = index * SPAN_WORDS
  const place = input.ids.length / SPAN_WORDS
  input.ids.push(...others.ids.subarray(at, at + SPAN_WORDS))
  if (!isRoot) return
  const { told, ...root } = others.span(index)
  input.roots.push([place, { ...root, ...(told !== undefined && { told: told() }) }])
}

export function textOfInput(input: Input): string {
  return JSON.stringify(input, (_, value: unknown) =>
    value instanceof Uint8Array ? { [BYTES]: Buffer.from(value).toString('base64') } : value,
  )
}

/** What a bridge has kept. It was checked when it came. */
export function inputIn(text: string): Input {
  if (!text.includes(`"${BYTES}"`)) return JSON.parse(text) as Input
  return JSON.parse(text, (_, value: unknown) => {
    const bytes = (value as Readonly<Record<string, unknown>> | null)?.[BYTES]
    return typeof bytes === 'string' ? Uint8Array.from(Buffer.from(bytes, 'base64')) : value
  }) as Input
}

/** The other spans of an input, as if they had just come. */
export function othersOf({ ids, roots }: Input): OtherSpans {
  const byIndex = new Map(roots)
  const rootAt = (index: number): Root => {
    const root = byIndex.get(index)
    if (root === undefined) throw new Error('Only roots are kept as spans.')
    return root
  }
  return {
    size: ids.length / SPAN_WORDS,
    ids: Uint32Array.from(ids),
    roots: roots.map(([index]) => index),
    startMs: (index) => rootAt(index).startMs,
    endMs: (index) => rootAt(index).endMs,
    span: (index) => {
      const { told, ...place } = rootAt(index)
      return { ...place, ...(told !== undefined && { told: () => told }) }
    },
  }
}
