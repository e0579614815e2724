import type { Moment } from './moment.ts'

/** One record of a format, as it goes into `data:`. */
export type WireRecord = Readonly<Record<string, unknown>> & { readonly type: string }

/** What a moment is in the words of a format; perhaps nothing. Keeps no state: the moments are well-formed already. */
export type Translate = (moment: Moment, randomId: string) => readonly WireRecord[]
