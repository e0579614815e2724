/** What the program's end says to the one who started it. */
export const EXIT = {
  ok: 0,
  /** It failed; of a run only where `--exit-status` asks for that. */
  failed: 1,
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  /** No bridge could be reached, or it was lost. */
  lost: 5,
  /** Events are missing, and `--fail-on-gap` asks for that. */
  gap: 6,
  /** Nothing came for as long as `--idle-timeout` says. */
  idle: 7,
  interrupted: 130,
} as const
