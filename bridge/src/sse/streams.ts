import type { ServerResponse } from 'node:http'
import type { StreamEnd, StreamGap } from '@spancast/sdk'
import type { RunFeed } from '../store/run-store.ts'
import { Broadcast, BroadcastReader, type Subscribe } from './broadcast.ts'
import { RunChannel } from './channel.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import { recordFrame } from './frame.ts'
import { Pulse } from './pulse.ts'
import { type Delivered, RunReader } from './reader.ts'
import { ListReader, type ListSource, RunList } from './run-list.ts'
import { StreamLimits } from './stream-limits.ts'
import type { Telling } from './telling.ts'
import { SharedWording, ToldWording } from './wording.ts'

/** How streams behave. All whole numbers; times in milliseconds. */
export interface StreamOptions {
  /** Time between the comments that keep a stream alive. Default 15 s. */
  readonly heartbeatMs: number
  /** How long a stream lasts, plus or minus a tenth; the reader then comes back. Default 5 min. */
  readonly maxStreamMs: number
  /** How many bytes a live reader may lag behind before it is cut. Default 1 MiB. */
  readonly maxReaderBytes: number
  /** How long written bytes may wait for a live reader before it is cut. Default 30 s. */
  readonly maxReaderLagMs: number
  /** Streams open at once; more are refused. Default 10 000. */
  readonly maxStreams: number
  /** Streams open at once from one client address. Default 100. */
  readonly maxStreamsPerClient: number
  /** How long a stream without a cursor waits for a run that is not known yet. Default 10 s. */
  readonly waitMs: number
}

/** Counters of all streams since the bridge began. */
export interface StreamStats {
  /** Streams open now, waiting ones included. */
  readonly open: number
  /** Events, and messages of streams without ids, that readers were sent. */
  readonly events: number
  /** Their bytes, with their frames. */
  readonly bytes: number
  /** Streams that the bridge has ended, by reason. */
  readonly ended: Readonly<Record<StreamEnd['reason'], number>>
}

// What a reader may take at shutdown to be told; then it is cut.
const CLOSE_MS = 2000

/** All streams of one bridge: admits them, joins readers of the same source, ends them when the bridge closes. */
export class Streams {
  readonly options: StreamOptions
  readonly #limits: StreamLimits
  readonly #pulse: Pulse
  readonly #owner: ConnectionOwner
  readonly #connections = new Set<Connection>()
  readonly #runs = new Map<RunFeed, RunChannel>()
  readonly #namespaces = new Map<string, Broadcast>()
  readonly #delivered: Delivered = { events: 0, bytes: 0 }
  readonly #ended: Record<StreamEnd['reason'], number> = {
    completed: 0,
    'max-duration': 0,
    'too-slow': 0,
    disposed: 0,
    shutdown: 0,
  }
  #list: RunList | undefined
  #closed: Promise<void> | undefined
  #allGone: (() => void) | undefined

  constructor(options: StreamOptions) {
    this.options = options
    const { heartbeatMs, maxStreamMs, maxReaderLagMs } = options
    this.#limits = new StreamLimits(options.maxStreams, options.maxStreamsPerClient)
    this.#pulse = new Pulse(Math.min(heartbeatMs, maxStreamMs, maxReaderLagMs))
    this.#owner = {
      heartbeatMs,
      maxStreamMs,
      maxReaderLagMs,
      pulse: this.#pulse,
      ended: (reason) => {
        this.#ended[reason]++
      },
      closed: (connection) => this.#gone(connection),
    }
  }

  get closing(): boolean {
    return this.#closed !== undefined
  }

  stats(): StreamStats {
    return { open: this.#limits.open, ...this.#delivered, ended: { ...this.#ended } }
  }

  /**
   * Admits a request; its place is free again when the response closes.
   *
   * @param client - The address that the limit per client counts by.
   * @throws BridgeError `too-many-streams`.
   */
  admit(res: ServerResponse, client: string): Connection {
    const giveBack = this.#limits.take(client)
    const connection = new Connection(res, this.#owner, giveBack)
    if (connection.over) giveBack()
    else this.#connections.add(connection)
    return connection
  }

  /**
   * Opens the stream, if it is not open, and fills it with a run.
   *
   * @param after - The reader has everything up to this `seq`.
   * @param restarted - Whether its cursor was of another buffer, and whether it has been told so.
   * @param telling - Tells it in another format. Default: the run's own events.
   */
  follow(
    connection: Connection,
    feed: RunFeed,
    after: number,
    restarted?: 'told' | 'untold',
    telling?: Telling,
  ): void {
    if (this.#refuses(connection)) return
    let channel = this.#runs.get(feed)
    if (channel === undefined) {
      const made = new RunChannel(feed, () => {
        this.#runs.delete(feed)
        this.#pulse.remove(made)
      })
      this.#runs.set(feed, made)
      this.#pulse.add(made)
      channel = made
    }
    const wording =
      telling === undefined ? new SharedWording(channel) : new ToldWording(channel, telling)
    const limits = this.options
    const reader = new RunReader(channel, wording, connection, after, limits, this.#delivered)
    connection.carry(reader)
    if (connection.waiting) connection.open(() => reader.begin(restarted))
    else reader.begin(restarted)
    reader.start()
  }

  /** Opens the stream and fills it with the messages of a namespace from now on. */
  listen(connection: Connection, namespace: string, subscribe: Subscribe): void {
    if (this.#refuses(connection)) return
    connection.open()
    let broadcast = this.#namespaces.get(namespace)
    if (broadcast === undefined) {
      broadcast = new Broadcast(subscribe, () => this.#namespaces.delete(namespace))
      this.#namespaces.set(namespace, broadcast)
    }
    const reader = new BroadcastReader(broadcast, connection, this.options, this.#delivered)
    connection.carry(reader)
    reader.start()
  }

  /** Opens the stream and fills it with the summaries of all runs, then with those that change. */
  list(connection: Connection, source: ListSource): void {
    if (this.#refuses(connection)) return
    connection.open()
    this.#list ??= new RunList(source, () => {
      this.#list = undefined
    })
    const reader = new ListReader(this.#list, connection, this.options, this.#delivered)
    connection.carry(reader)
    // A store that is away cannot list: the reader comes back for it.
    reader.start().catch(() => connection.finish('shutdown'))
  }

  /** Opens a stream that only tells its reader something, for now. @returns whether it may be filled later. */
  tell(connection: Connection, record: StreamGap, telling?: Telling): boolean {
    if (this.#refuses(connection)) return false
    const frames = telling === undefined ? recordFrame(record) : telling.gap(record)
    connection.open(() => connection.sink.write(Buffer.from(frames)))
    return true
  }

  /** Tells all open streams what scripts need not know. */
  comment(text: string): void {
    for (const connection of this.#connections) connection.comment(text)
  }

  /** Readers that cannot be served now are let in to be told so: 503 would end an EventSource for good. */
  refuse(connection: Connection): void {
    if (connection.over) return
    connection.open()
    connection.finish('shutdown')
  }

  /**
   * Ends all streams with `stream.end shutdown`, and every one that comes later. Resolves when they are closed, or
   * after two seconds. Calling it again gives the same promise.
   */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      if (this.#connections.size === 0) {
        resolve()
        return
      }
      const timer = setTimeout(() => {
        for (const connection of this.#connections) connection.destroy()
        resolve()
      }, CLOSE_MS)
      timer.unref?.()
      this.#allGone = () => {
        clearTimeout(timer)
        resolve()
      }
      for (const connection of [...this.#connections]) connection.shutDown()
    })
    return this.#closed
  }

  #refuses(connection: Connection): boolean {
    if (this.closing) this.refuse(connection)
    return connection.over
  }

  #gone(connection: Connection): void {
    this.#connections.delete(connection)
    if (this.#connections.size === 0) this.#allGone?.()
  }
}
