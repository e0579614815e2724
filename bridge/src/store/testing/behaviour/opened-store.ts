import type { AgentObserver, ObserverRegistry, RunLimits } from '@spancast/sdk'
import { afterEach, expect, vi } from 'vitest'
import { emitEvents, endRun } from '../../../sse/testing/emit.ts'
import type { FeedEntry, RunFeed, RunStore } from '../../run-store.ts'

/** A store and the registry of a process whose runs are in it. */
export interface OpenedStore {
  readonly store: RunStore
  readonly registry: ObserverRegistry
  close(): Promise<void>
}

export type OpenStore = (limits?: Partial<RunLimits>) => Promise<OpenedStore>

export const RUN = 'run-12345678'
export const WAIT = { timeout: 15_000, interval: 5 }

/** Opens stores that are closed when a test is over. */
export function storesOf(open: OpenStore): OpenStore {
  const opened: OpenedStore[] = []
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close()
  })
  return async (limits) => {
    const one = await open(limits)
    opened.push(one)
    return one
  }
}

/** Resolves when the store has all of a run. */
export async function reaches(store: RunStore, observer: AgentObserver): Promise<void> {
  const { randomId } = observer
  await vi.waitFor(async () => {
    const summary = await store.summary(randomId)
    expect(summary).toMatchObject({ lastSeq: observer.lastSeq })
    expect(summary?.status).toBe(observer.summary().status)
  }, WAIT)
}

/** Fills a store with runs; every third is over. */
export async function filled(opened: Promise<OpenedStore>, count: number): Promise<OpenedStore> {
  const one = await opened
  for (let at = 0; at < count; at++) {
    const observer = one.registry.create(`run-${at}-run`)
    emitEvents(observer, 1)
    if (at % 3 === 0) endRun(observer)
    await reaches(one.store, observer)
  }
  return one
}

/** @throws Error if there is no such run. */
export async function feedOf(store: RunStore, randomId: string = RUN): Promise<RunFeed> {
  const feed = await store.appears(randomId, new AbortController().signal)
  if (feed === undefined) throw new Error('There is no such run.')
  return feed
}

/** Resolves when the feed has so much. */
export async function holds(feed: RunFeed, lastSeq: number): Promise<void> {
  await vi.waitFor(() => expect(feed.lastSeq).toBe(lastSeq), WAIT)
}

export function seqsOf(entries: readonly FeedEntry[]): number[] {
  return entries.map(({ seq }) => seq)
}
