import { type ReactElement, useEffect, useState } from 'react'

const EVERY_MS = 2000

let tell: ((message: string) => void) | undefined

/** Says a sentence to those who hear the page. Those that come too fast are said as one, the latest. */
export function announce(message: string): void {
  tell?.(message)
}

/** The one place that speaks by itself, at most once in two seconds. */
export function Announcer(): ReactElement {
  const [message, setMessage] = useState('')
  useEffect(() => {
    let saidAt = Number.NEGATIVE_INFINITY
    let next: string | undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const say = (): void => {
      timer = undefined
      if (next === undefined) return
      saidAt = performance.now()
      setMessage(next)
      next = undefined
    }
    tell = (text) => {
      next = text
      timer ??= setTimeout(say, Math.max(0, saidAt + EVERY_MS - performance.now()))
    }
    return () => {
      tell = undefined
      clearTimeout(timer)
    }
  }, [])
  return (
    <div className="hidden-text" role="status" data-testid="announcer">
      {message}
    </div>
  )
}
