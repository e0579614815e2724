/**
 * The names of all keys and channels. What one script touches shares a hash tag, so that it is in one slot of a
 * cluster: the keys of a run, the index of all runs, what waits for a group of runs, and who folds which share.
 */
export class Keys {
  readonly #prefix: string

  constructor(prefix: string) {
    this.#prefix = prefix
  }

  /** What is known of a run, its events, its chunks, and the channel that tells of more. */
  run(randomId: string): readonly [meta: string, events: string, chunks: string, live: string] {
    const base = `${this.#prefix}:run:{${randomId}}`
    return [base, `${base}:events`, `${base}:chunks`, this.live(randomId)]
  }

  live(randomId: string): string {
    return `${this.#prefix}:run:{${randomId}}:live`
  }

  /** The run that has this id too. */
  alias(randomId: string): string {
    return `${this.#prefix}:run:{${randomId}}:alias`
  }

  /** Which bridge runs a workflow under that id. */
  invoked(randomId: string): string {
    return `${this.#prefix}:run:{${randomId}}:invoked`
  }

  /** All runs by their age, the running ones by their last sign of life, the others by when they go, those that went. */
  index(): readonly string[] {
    const base = `${this.#prefix}:{index}`
    return ['runs', 'live', 'ended', 'gone', 'bytes', 'total', 'changes'].map(
      (name) => `${base}:${name}`,
    )
  }

  changes(): string {
    return `${this.#prefix}:{index}:changes`
  }

  namespace(namespace: string): string {
    return `${this.#prefix}:namespace:{${namespace}}`
  }

  /** Which group a run id, or a trace id, belongs to. */
  route(id: string): string {
    return `${this.#prefix}:route:{${id}}`
  }

  /** What has come for a group of runs, and how many bytes it has. */
  inputs(group: string): readonly [log: string, bytes: string] {
    const log = `${this.#prefix}:inputs:{${group}}`
    return [log, `${log}:bytes`]
  }

  /** Which groups of a share have runs that go on, and the channel that tells of inputs. */
  share(share: number): readonly [groups: string, bell: string] {
    const base = `${this.#prefix}:share:{${share}}`
    return [`${base}:groups`, `${base}:bell`]
  }

  /** Who is there, what they go by together, and the channel that tells of shares that are free. */
  members(): readonly [members: string, id: string, free: string] {
    const base = `${this.#prefix}:{bridges}`
    return [`${base}:members`, `${base}:id`, `${base}:free`]
  }

  /** Who folds a share, and how often that has changed. */
  lease(share: number): readonly [owner: string, fence: string] {
    const base = `${this.#prefix}:share:{${share}}`
    return [`${base}:owner`, `${base}:fence`]
  }

  /** What is told to one bridge. */
  bridge(instance: string): string {
    return `${this.#prefix}:bridge:{${instance}}`
  }
}
