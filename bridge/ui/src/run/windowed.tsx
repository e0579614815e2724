import { type ReactElement, type ReactNode, type RefObject, useLayoutEffect, useState } from 'react'

const MARGIN = 4

export interface WindowedProps {
  /** What scrolls. */
  readonly scroller: RefObject<HTMLElement | null>
  readonly count: number
  /** In pixels: all rows are of one height. */
  readonly rowHeight: number
  /** A row that stays mounted wherever it is scrolled to, since it has the focus; -1 for none. */
  readonly keep: number
  /** Renders one row; `top` is its place in pixels. */
  row(index: number, top: number): ReactNode
}

/** Of any number of rows, those that can be seen. */
export function Windowed({ scroller, count, rowHeight, keep, row }: WindowedProps): ReactElement {
  const [seen, setSeen] = useState({ top: 0, height: 600 })
  useLayoutEffect(() => {
    const element = scroller.current
    if (element === null) return
    const measure = (): void => {
      const { scrollTop, clientHeight } = element
      setSeen((old) =>
        old.top === scrollTop && old.height === clientHeight
          ? old
          : { top: scrollTop, height: clientHeight },
      )
    }
    const resized = new ResizeObserver(measure)
    resized.observe(element)
    element.addEventListener('scroll', measure, { passive: true })
    measure()
    return () => {
      resized.disconnect()
      element.removeEventListener('scroll', measure)
    }
  }, [scroller])
  const first = Math.max(0, Math.min(count, Math.floor(seen.top / rowHeight)) - MARGIN)
  const last = Math.min(count, Math.ceil((seen.top + seen.height) / rowHeight) + MARGIN)
  const rows: ReactNode[] = []
  for (let index = first; index < last; index++) rows.push(row(index, index * rowHeight))
  if (keep >= 0 && keep < count && (keep < first || keep >= last)) {
    rows.push(row(keep, keep * rowHeight))
  }
  return (
    <div className="windowed" role="presentation" style={{ height: count * rowHeight }}>
      {rows}
    </div>
  )
}
