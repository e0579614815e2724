import type { RunSummary } from '@spancast/sdk/client'
import { type ReactElement, useLayoutEffect, useRef, useState } from 'react'
import { runStatus } from '../run/run-status.ts'
import { costText } from '../run/usage-line.tsx'
import { Icon } from '../shell/icon.tsx'
import { follow, runHref } from '../shell/route.ts'
import { count, counted, duration, moment, running } from '../text/format.ts'
import { label } from '../text/visible.ts'

const TICK_MS = 1000
const AT_TOP = 120

export interface RunRowsProps {
  readonly runs: readonly RunSummary[]
  /** Whether the time stands still. */
  readonly frozen: boolean
}

/** Runs, one a line. New ones do not push away what is being read. */
export function RunRows({ runs, frozen }: RunRowsProps): ReactElement {
  const list = useRef<HTMLDivElement>(null)
  const [top, setTop] = useState<string>()
  const newest = runs[0]?.randomId
  const away = scrollY > AT_TOP
  const known = runs.findIndex(({ randomId }) => randomId === top)
  const shown = away && known > 0 ? runs.slice(known) : runs
  useLayoutEffect(() => {
    if (!away) setTop(newest)
  }, [away, newest])
  useLayoutEffect(() => {
    if (frozen) return
    const tell = (): void => {
      const now = Date.now()
      for (const element of list.current?.querySelectorAll<HTMLElement>('[data-since]') ?? []) {
        element.textContent = running(now - Number(element.dataset.since))
      }
    }
    tell()
    const timer = setInterval(tell, TICK_MS)
    return () => clearInterval(timer)
  })
  const longest = Math.max(1, ...shown.map((run) => run.duration ?? 0))
  return (
    <div ref={list} className="run-list">
      {shown.length < runs.length && (
        <button
          type="button"
          className="button primary small pill"
          onClick={() => {
            setTop(newest)
            scrollTo(0, 0)
          }}
        >
          <Icon name="up" />
          {counted(runs.length - shown.length, 'new run')}
        </button>
      )}
      <div className="run-line head muted" aria-hidden="true">
        <span>Status</span>
        <span>Name</span>
        <span>Started</span>
        <span className="right">Duration</span>
        <span />
        <span className="right">Steps</span>
        <span className="right">Errors</span>
        <span className="right">Tokens</span>
        <span className="right">Cost</span>
      </div>
      <ol>
        {shown.map((run) => (
          <li key={run.randomId}>
            <RunLine run={run} longest={longest} />
          </li>
        ))}
      </ol>
    </div>
  )
}

function RunLine({
  run,
  longest,
}: {
  readonly run: RunSummary
  readonly longest: number
}): ReactElement {
  const { randomId, status, name, startedAt, steps, errors, tokenUsage } = run
  const { word, icon, tone } = runStatus(status)
  return (
    <a
      className="run-line"
      href={runHref(randomId)}
      onClick={follow}
      data-testid="run"
      data-run={randomId}
    >
      <span className={`badge tone-${tone}`}>
        <Icon name={icon} />
        {word}
      </span>
      <span className="run-name">
        <bdi>{label(name)}</bdi> <span className="mono muted">{randomId.slice(0, 8)}</span>
      </span>
      <span className="number muted">{moment(startedAt, Date.now())}</span>
      {run.duration === undefined ? (
        <span key="open" className="number right" data-since={startedAt} />
      ) : (
        <span key="over" className="number right">
          {duration(run.duration)}
        </span>
      )}
      <span className="mini" aria-hidden="true">
        <i
          className={`tone-${tone}`}
          style={{
            width: `${run.duration === undefined ? 100 : Math.max(2, (run.duration / longest) * 100)}%`,
          }}
        />
      </span>
      <Cell word="steps" text={count(steps)} />
      <Cell word="errors" text={errors === 0 ? '0' : count(errors)} bad={errors > 0} />
      <Cell word="tokens" text={tokensOf(tokenUsage.totalTokens, run)} />
      <Cell word="cost" text={costOf(run)} />
    </a>
  )
}

function Cell({
  word,
  text,
  bad = false,
}: {
  readonly word: string
  readonly text: string
  readonly bad?: boolean
}): ReactElement {
  return (
    <span className={`number right cell${bad ? ' tone-error' : ''}`}>
      {text}
      <span className="cell-word"> {word}</span>
    </span>
  )
}

function tokensOf(total: number, { unmeteredCalls }: RunSummary): string {
  if (total === 0) return unmeteredCalls > 0 ? '—' : '0'
  return `${unmeteredCalls > 0 ? '≥ ' : ''}${count(total)}`
}

function costOf({ cost, unpricedCalls, tokenUsage, unmeteredCalls }: RunSummary): string {
  const calls = Number.POSITIVE_INFINITY
  const text = costText({ cost, unpricedCalls, calls, tokenUsage, unmeteredCalls }, false)
  return text.split(' · ')[0] ?? text
}
