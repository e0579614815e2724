import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'

export interface Follow {
  readonly following: boolean
  /** Rows that came since it was left. */
  readonly unseen: number
  set(following: boolean): void
}

/** Whether a list grows, does not any more, or was whole before it was looked at. */
export type Pace = 'live' | 'still' | 'past'

const LEAVING_KEYS = ['PageUp', 'Home', 'ArrowUp']
const AT_END = 4

/**
 * Keeps the end of a list in sight as it grows, until the reader scrolls up; the end, once reached again, is followed
 * again.
 */
export function useFollow(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  pace: Pace,
): Follow {
  const live = pace === 'live'
  const [following, setFollowing] = useState(live)
  const leftAt = useRef(count)
  const touched = useRef(false)
  // A run that turns out to be live is followed, unless its reader has gone somewhere already.
  useEffect(() => {
    if (live && !touched.current) setFollowing(true)
  }, [live])
  // Of what was over before anybody looked, the beginning is what is read first.
  useLayoutEffect(() => {
    if (pace !== 'past' || touched.current) return
    setFollowing(false)
    if (scroller.current !== null) scroller.current.scrollTop = 0
  }, [pace, scroller])
  const set = (next: boolean): void => {
    touched.current = true
    if (next === following) return
    leftAt.current = count
    setFollowing(next)
  }
  const change = useRef(set)
  change.current = set
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new count is what makes it scroll.
  useLayoutEffect(() => {
    const element = scroller.current
    if (following && element !== null) element.scrollTop = element.scrollHeight
  }, [scroller, count, following])
  useEffect(() => {
    const element = scroller.current
    if (element === null) return
    const leave = (): void => {
      if (element.scrollHeight > element.clientHeight) change.current(false)
    }
    const wheel = ({ deltaY }: WheelEvent): void => {
      if (deltaY < 0) leave()
    }
    const key = (event: KeyboardEvent): void => {
      if (LEAVING_KEYS.includes(event.key)) leave()
      else if (event.key === 'End') change.current(true)
    }
    let heldAt = 0
    const down = (): void => {
      heldAt = element.scrollTop
    }
    const up = (): void => {
      if (element.scrollTop < heldAt) leave()
    }
    const scrolled = (): void => {
      const { scrollTop, clientHeight, scrollHeight } = element
      const isAtEnd = scrollTop + clientHeight >= scrollHeight - AT_END
      if (isAtEnd && scrollHeight > clientHeight && touched.current) change.current(true)
    }
    const passive = { passive: true }
    element.addEventListener('wheel', wheel, passive)
    element.addEventListener('keydown', key)
    element.addEventListener('pointerdown', down)
    element.addEventListener('pointerup', up)
    element.addEventListener('touchstart', down, passive)
    element.addEventListener('touchend', up, passive)
    element.addEventListener('scroll', scrolled, passive)
    return () => {
      element.removeEventListener('wheel', wheel)
      element.removeEventListener('keydown', key)
      element.removeEventListener('pointerdown', down)
      element.removeEventListener('pointerup', up)
      element.removeEventListener('touchstart', down)
      element.removeEventListener('touchend', up)
      element.removeEventListener('scroll', scrolled)
    }
  }, [scroller])
  return { following, unseen: following ? 0 : Math.max(0, count - leftAt.current), set }
}
