import { type AgentObserver, ObserverRegistry } from '@spancast/sdk'
import type { CollectorCounts, Entry, SpanCollector } from '@spancast/sdk/internal'
import { isStoreAway } from '../store-away.ts'
import { foldFailed, foldInput } from './fold-input.ts'
import { freshEpoch } from './fresh-epoch.ts'
import { Group, type GroupFolder, type TimedEnd } from './group.ts'
import type { InputLog, LogEntry } from './input-log.ts'
import { listOf, numberOf, textOf } from './reply.ts'
import { STATE } from './run-scripts.ts'
import { RunWriter, type WriterDeps } from './run-writer.ts'
import { ALIAS, GROUPS, REST } from './share-scripts.ts'

export interface ShareOptions {
  readonly share: number
  /** Rises with each owner. */
  readonly fence: number
  readonly deps: WriterDeps
  readonly log: InputLog
  readonly ttlMs: number
  readonly counts: CollectorCounts
  collectorOf(registry: ObserverRegistry): SpanCollector
}

const FLUSH_MS = 2000
const RETRY_MS = 500

/**
 * One share of all groups, folded by this bridge alone. The state of folding is here and nowhere else: it is a function
 * of what stands in the logs, so that another bridge that takes the share folds the logs again, finds the same events
 * with the same numbers, and goes on where the store says that this one was.
 */
export class Share implements GroupFolder {
  readonly #options: ShareOptions
  readonly registry: ObserverRegistry
  readonly #collector: SpanCollector
  readonly #groups = new Map<string, Group>()
  readonly #groupOf = new Map<AgentObserver, Group>()
  readonly #writers = new Map<AgentObserver, RunWriter>()
  readonly #unlisten: () => void
  #unsubscribe: (() => void) | undefined
  #folding: Group | undefined
  #stopped = false

  constructor(options: ShareOptions) {
    this.#options = options
    this.registry = new ObserverRegistry(options.deps.limits)
    this.#collector = options.collectorOf(this.registry)
    this.#unlisten = this.registry.listen({
      created: (observer) => this.#created(observer),
      appended: (observer, entry) => this.#appended(observer, entry),
      aliased: (randomId, observer) => this.#aliased(randomId, observer),
      disposed: (observer) => this.#disposed(observer),
    })
  }

  /** Begins with the groups whose runs go on. */
  async start(): Promise<void> {
    const { connection, keys } = this.#options.deps
    const [, bell] = keys.share(this.#options.share)
    const stop = await connection.subscribe(bell, (group) => this.#pull(group))
    if (this.#stopped) stop()
    else this.#unsubscribe = stop
    await this.resync()
  }

  /** What has been said while the store was away was not heard. */
  async resync(): Promise<void> {
    const { deps, share, ttlMs } = this.#options
    const seconds = String(Math.ceil(ttlMs / 1000))
    const reply = await deps.connection.run(GROUPS, deps.keys.share(share), [seconds])
    for (const group of listOf(reply)) this.#pull(textOf(group))
    for (const group of this.#groups.keys()) this.#pull(group)
  }

  /** Tells the store what has changed without an event. */
  refresh(): void {
    for (const [observer, writer] of this.#writers) {
      if (observer.disposed && writer.idle) this.#writers.delete(observer)
      else writer.refresh()
    }
  }

  /** Writes what is folded, unless it takes too long or somebody else folds already, and folds no more. */
  async stop(writes: boolean): Promise<void> {
    this.#stopped = true
    this.#unsubscribe?.()
    this.#unlisten()
    if (writes) {
      const flushed = Promise.all([...this.#writers.values()].map((writer) => writer.flush()))
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, FLUSH_MS)
      })
      await Promise.race([flushed, late])
      clearTimeout(timer)
    }
    for (const writer of this.#writers.values()) writer.stop()
    this.#writers.clear()
    this.#groups.clear()
    // Its timers end with it; nobody hears of the ends that this makes.
    this.registry.dispose()
  }

  fold(group: Group, { text }: LogEntry): void {
    const before = { ...this.#collector.counts }
    this.#folding = group
    foldInput(this.#collector, text)
    this.#folding = undefined
    // What is folded once more has been counted by whoever folded it first.
    if (!group.live) return
    const { counts } = this.#options
    const after = this.#collector.counts
    for (const name of ['spans', 'linked', 'repeated', 'late', 'unread'] as const) {
      counts[name] += after[name] - before[name]
    }
  }

  end({ randomId, outcome }: TimedEnd): void {
    const life = this.registry.get(randomId)?.life
    if (life === undefined || !life.running) return
    // A bridge has written it, from an outcome.
    if (outcome !== undefined) life.finish(outcome as Parameters<typeof life.finish>[0])
    else life.abandon()
  }

  async loaded(group: Group): Promise<void> {
    await Promise.all([...group.observers].map((observer) => this.#adopt(observer)))
  }

  /** Goes on with a run where the store says that it is. */
  async #adopt(observer: AgentObserver): Promise<void> {
    const { connection, keys } = this.#options.deps
    const reply = listOf(await connection.run(STATE, keys.run(observer.randomId), []))
    if (this.#stopped || this.#writers.has(observer)) return
    if (reply[0] === undefined) {
      // What was over and is not there any more has had its time.
      const went = observer.ended && (await this.#options.deps.index.went(observer.randomId))
      if (!went && !this.#stopped) this.#write(observer)
      return
    }
    const seq = numberOf(reply[1])
    if (reply[2] === '1') {
      // It ended with time, and whoever ended it could not say so.
      if (!observer.ended) observer.life.abandon()
      return
    }
    const known = isSame(observer, textOf(reply[3]), textOf(reply[4])) && seq <= observer.lastSeq
    // The log does not give what was told: part of it was too much to keep. The run begins anew with what it gives.
    this.#write(
      observer,
      known ? { epoch: textOf(reply[0]), seq } : { epoch: freshEpoch(), seq: 0 },
      !known,
    )
  }

  #write(observer: AgentObserver, from?: { epoch: string; seq: number }, anew = false): RunWriter {
    const { deps, fence, share } = this.#options
    const writer = new RunWriter(deps, {
      observer,
      // Of one fence there is one owner, though it may have to begin again.
      writer: `share ${share}`,
      fence,
      from,
      anew,
      fenced: () => this.#writers.delete(observer),
    })
    this.#writers.set(observer, writer)
    return writer
  }

  #pull(name: string): void {
    if (this.#stopped) return
    let group = this.#groups.get(name)
    if (group === undefined) {
      group = new Group(name, this.#options.log, this)
      this.#groups.set(name, group)
    }
    const pulled = group
    pulled.pull().then(
      () => this.#rests(pulled),
      (error: unknown) => {
        if (!isStoreAway(error)) foldFailed(error)
        setTimeout(() => this.#pull(name), RETRY_MS).unref()
      },
    )
  }

  /** A group whose runs are all over is not looked for when the share has another owner. */
  #rests(group: Group): void {
    if (this.#stopped || [...group.observers].some(({ ended }) => !ended)) return
    if (group.observers.size === 0) this.#groups.delete(group.name)
    const { deps, share } = this.#options
    deps.connection.run(REST, deps.keys.share(share), [group.name]).catch(() => {})
  }

  #created(observer: AgentObserver): void {
    const group = this.#folding
    if (group === undefined) return
    this.#groupOf.set(observer, group)
    group.observers.add(observer)
  }

  #appended(observer: AgentObserver, entry: Entry): void {
    const group = this.#groupOf.get(observer)
    if (group === undefined) return
    const writer = this.#writers.get(observer)
    if (writer !== undefined) writer.appended(entry)
    else if (group.live) this.#write(observer)
    if (entry.type !== 'run.end' || !group.live) return
    if (this.#folding === undefined) this.#endedWithTime(observer, group)
  }

  #endedWithTime(observer: AgentObserver, group: Group): void {
    const { randomId, life } = observer
    const outcome = life.status === 'abandoned' ? undefined : life.outcome
    const end: TimedEnd = { randomId, after: group.lastId, outcome }
    this.#options.log
      .put(group.name, 'end', JSON.stringify(end))
      .then(() => this.#rests(group))
      .catch(() => {})
  }

  #aliased(randomId: string, observer: AgentObserver): void {
    const { connection, keys } = this.#options.deps
    const args = [observer.randomId, String(this.#options.ttlMs)]
    const names = [keys.alias(randomId), keys.live(randomId)]
    connection.run(ALIAS, names, args).catch(() => {})
  }

  #disposed(observer: AgentObserver): void {
    const group = this.#groupOf.get(observer)
    this.#groupOf.delete(observer)
    if (group === undefined) return
    group.observers.delete(observer)
    if (group.observers.size > 0) return
    this.#groups.delete(group.name)
    // Its runs have had their time: nobody folds it again.
    this.#options.log.drop(group.name).catch(() => {})
  }
}

/** Whether the store's newest event is the one that has its number here. */
function isSame(observer: AgentObserver, id: string, json: string): boolean {
  if (id === '') return true
  const seq = Number.parseInt(id, 10)
  const own = observer.entries(seq - 1, 1)[0]
  // What the ring has let go of cannot be compared.
  if (own === undefined || own.seq !== seq) return observer.kept.lostTo >= seq
  const { type, spanId } = JSON.parse(json) as { type?: unknown; spanId?: unknown }
  return own.event.type === type && own.event.spanId === spanId
}
