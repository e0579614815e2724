import type { TokenUsage } from '@spancast/sdk/client'

const NUMBER = new Intl.NumberFormat('en-US')

/** A length of time that is over, such as `240 ms`, `1.19 s`, `2 m 03 s`. */
export function duration(ms: number): string {
  if (!Number.isFinite(ms)) return '—'
  if (ms < 0) return `−${duration(-ms)}`
  if (ms < 10) return `${trimmed(ms.toFixed(1))} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`
  return long(Math.round(ms / 1000))
}

/** A length of time that still grows: with one digit, so that it does not flicker. */
export function running(ms: number): string {
  const seconds = Math.max(0, ms) / 1000
  return seconds < 59.95 ? `${seconds.toFixed(1)} s` : long(Math.round(seconds))
}

/** A moment of the run, as seconds since its start: `8.412`. */
export function offset(ms: number): string {
  return `${(ms / 1000).toFixed(3)} s`
}

/** A moment on the axis, as precise as the steps of the axis are. */
export function tick(ms: number, step: number): string {
  if (ms === 0) return '0 s'
  if (step < 1000) {
    return step < 100 && ms < 1000
      ? `${trimmed(ms.toFixed(step < 1 ? 1 : 0))} ms`
      : seconds(ms, step)
  }
  return ms < 60_000 ? `${Math.round(ms / 1000)} s` : long(Math.round(ms / 1000))
}

export function count(value: number): string {
  return NUMBER.format(value)
}

/** `3 steps`, `1 step`. */
export function counted(value: number, noun: string, plural = `${noun}s`): string {
  return `${count(value)} ${value === 1 ? noun : plural}`
}

/** `1,522 → 640 tokens (900 cached)`. */
export function tokens(usage: TokenUsage): string {
  const cached = usage.cacheReadTokens ? ` (${count(usage.cacheReadTokens)} cached)` : ''
  return `${count(usage.inputTokens)} → ${count(usage.outputTokens)} tokens${cached}`
}

/** US dollars with as many digits as tell something; never `$0.00` for what is more than nothing. */
export function dollars(usd: number): string {
  if (usd === 0) return '$0'
  if (usd < 0.0001) return '< $0.0001'
  return `$${usd.toFixed(usd < 1 ? 4 : 2)}`
}

export function bytes(size: number): string {
  if (size < 1000) return `${size} B`
  return size < 1_000_000 ? `${Math.round(size / 1000)} kB` : `${(size / 1_000_000).toFixed(1)} MB`
}

/** The time of day, in the reader's zone. */
export function timeOfDay(timestamp: number): string {
  return new Date(timestamp).toLocaleTimeString(undefined, { hour12: false })
}

/** The time of day, with the date unless it is today. */
export function moment(timestamp: number, now: number): string {
  const date = new Date(timestamp)
  const time = timeOfDay(timestamp)
  if (date.toDateString() === new Date(now).toDateString()) return time
  return `${date.toLocaleDateString(undefined, { month: 'short', day: 'numeric' })}, ${time}`
}

function long(allSeconds: number): string {
  const minutes = Math.floor(allSeconds / 60)
  if (minutes < 60) return `${minutes} m ${pad(allSeconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${pad(minutes % 60)} m`
}

function seconds(ms: number, step: number): string {
  return `${(ms / 1000).toFixed(step < 10 ? 3 : step < 100 ? 2 : 1)} s`
}

function pad(value: number): string {
  return String(value).padStart(2, '0')
}

function trimmed(digits: string): string {
  return digits.replace(/\.0$/, '')
}
