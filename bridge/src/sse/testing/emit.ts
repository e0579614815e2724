import type { AgentObserver } from '@spancast/sdk'

/** Appends custom events; the first ever comes after `run.start`. */
export function emitEvents(observer: AgentObserver, count: number): void {
  for (let at = 0; at < count; at++) {
    observer.emit({ type: 'agent.event', name: 'progress', content: { at } })
  }
}

/** Appends streamed chunks, which the buffer keeps apart from other events. */
export function emitChunks(observer: AgentObserver, count: number): void {
  for (let index = 0; index < count; index++) {
    observer.emit({ type: 'agent.chunk', index, delta: 'word ', kind: 'text' })
  }
}

/** Ends the run well. */
export function endRun(observer: AgentObserver): void {
  observer.life.finish({ status: 'ok', timestamp: Date.now() })
}
