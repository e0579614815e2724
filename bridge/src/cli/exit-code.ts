/** What the program's end says to the one who started it. */
export const EXIT = { ok: 0, failed: 1, usage: 2, interrupted: 130 } as const
