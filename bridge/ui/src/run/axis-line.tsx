import { type ReactElement, useLayoutEffect, useRef, useState } from 'react'
import { tick } from '../text/format.ts'
import { marksOf, stepOf, type View } from './axis.ts'

const MARK_PX = 90

export interface AxisProps {
  readonly view: View | undefined
  /** In milliseconds since the run began. */
  readonly lastSign: number
  readonly live: boolean
}

/** The times above the bars. While the run goes on there are marks for what comes, which the view grows towards. */
export function Axis({ view, lastSign, live }: AxisProps): ReactElement {
  const lane = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(400)
  useLayoutEffect(() => {
    const element = lane.current
    if (element === null) return
    const resized = new ResizeObserver(() => setWidth(element.clientWidth))
    resized.observe(element)
    return () => resized.disconnect()
  }, [])
  const length = view?.length ?? Math.max(lastSign, 1)
  const step = stepOf(length, width / MARK_PX)
  const from = view?.from ?? 0
  const marks = marksOf(from, from + length * (live && view === undefined ? 2 : 1.04), step)
  return (
    <div className="axis" aria-hidden="true">
      <div className="row-name" />
      <div ref={lane} className="lane">
        {marks.map((at) => (
          <span key={at} className="mark number" style={{ '--start': at }}>
            {tick(at, step)}
          </span>
        ))}
        {live && <span className="now-line" />}
      </div>
      <div className="row-time" />
    </div>
  )
}
