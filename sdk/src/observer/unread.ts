/**
 * What a run is made of that nobody has looked at: most runs never are, and are let go as they came. It costs its bytes
 * until then.
 */
export interface Unread {
  /** Estimated bytes that it holds. */
  readonly bytes: number
  /** How many events it makes, `run.end` aside, as far as that is known before it is read. */
  readonly events: number
  /** Tells all of it to the run, as if it came now. Called once. */
  read(): void
  /** The run is let go unread. Called once, in place of `read`. */
  dropped(): void
}
