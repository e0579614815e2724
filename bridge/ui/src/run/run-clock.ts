import { running } from '../text/format.ts'

/** Where the run's time stands: it goes on, by the bridge's clock, or stands at a moment, or where it is. */
export type RunTime = 'held' | { readonly skewMs: number } | { readonly at: number }

const TICK_MS = 100
const SLOW_TICK_MS = 1000

/**
 * Moves all that grows on the page without rendering it: one custom property, `--now`, from which the bars take their
 * width, and the text of what counts up (`data-since`, in milliseconds since the run began).
 */
export class RunClock {
  readonly #root: HTMLElement
  readonly #slow: MediaQueryList = matchMedia('(prefers-reduced-motion: reduce)')
  #runStart = 0
  #time: Exclude<RunTime, 'held'> = { at: 0 }
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Told at each tick, in milliseconds since the run began. */
  onTick: ((now: number) => void) | undefined

  constructor(root: HTMLElement) {
    this.#root = root
    document.addEventListener('visibilitychange', this.#tick)
  }

  set(runStart: number, time: RunTime): void {
    const held = { at: this.now }
    this.#runStart = runStart
    this.#time = time === 'held' ? held : time
    this.refresh()
  }

  /** Milliseconds since the run began. */
  get now(): number {
    const time = this.#time
    if ('at' in time) return time.at
    return Math.max(0, Date.now() + time.skewMs - this.#runStart)
  }

  stop(): void {
    clearTimeout(this.#timer)
    document.removeEventListener('visibilitychange', this.#tick)
  }

  /** Also for what was just rendered. */
  refresh(): void {
    const { now } = this
    this.#root.style.setProperty('--now', now.toFixed(1))
    for (const element of this.#root.querySelectorAll<HTMLElement>('[data-since]')) {
      const text = running(now - Number(element.dataset.since))
      if (element.textContent !== text) element.textContent = text
    }
    this.onTick?.(now)
    if ('at' in this.#time || document.hidden) clearTimeout(this.#timer)
    else this.#wait()
  }

  #wait(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(this.#tick, this.#slow.matches ? SLOW_TICK_MS : TICK_MS)
  }

  readonly #tick = (): void => this.refresh()
}
