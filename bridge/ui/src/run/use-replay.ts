import type { RunState } from '@spancast/sdk/client'
import { useEffect, useRef, useState } from 'react'
import { Replay } from './replay.ts'
import { runStartOf } from './step.ts'

const FRAME_MS = 50

export interface Replaying {
  /** The run at that moment; `undefined` if it is seen as it is. */
  readonly state: RunState | undefined
  /** In milliseconds since the run began. */
  readonly at: number
  readonly length: number
  readonly playing: boolean
  readonly speed: number
  seek(at: number): void
  play(): void
  pause(): void
  setSpeed(speed: number): void
  leave(): void
}

/** Goes through a run that is over, by itself or by hand. */
export function useReplay(whole: RunState): Replaying {
  const [at, setAt] = useState<number>()
  const [playing, setPlaying] = useState(false)
  const length = Math.max(whole.run.duration ?? 0, (whole.run.lastEventAt ?? 0) - runStartOf(whole))
  const [speed, setSpeed] = useState(1)
  const made = useRef<{ readonly of: RunState; readonly replay: Replay }>(undefined)
  const active = at !== undefined
  const place = useRef(0)
  useEffect(() => {
    if (!playing) return
    let last = performance.now()
    const timer = setInterval(() => {
      const now = performance.now()
      place.current = Math.min(length, place.current + (now - last) * speed)
      last = now
      // At its end the run is seen as it is.
      setAt(place.current < length ? place.current : undefined)
      if (place.current >= length) setPlaying(false)
    }, FRAME_MS)
    return () => clearInterval(timer)
  }, [playing, speed, length])
  const seek = (to: number): void => {
    place.current = Math.max(0, Math.min(length, to))
    setAt(place.current < length ? place.current : undefined)
  }
  // Made when it is asked for: a run that goes on changes many times a second.
  if (at !== undefined && made.current?.of !== whole) {
    made.current = { of: whole, replay: new Replay(whole) }
  }
  const state = at === undefined ? undefined : made.current?.replay.at(runStartOf(whole) + at)
  return {
    state,
    at: at ?? length,
    length,
    playing,
    speed,
    seek,
    play: () => {
      if (!active) seek(0)
      setPlaying(true)
    },
    pause: () => setPlaying(false),
    setSpeed,
    leave: () => {
      setPlaying(false)
      setAt(undefined)
    },
  }
}
