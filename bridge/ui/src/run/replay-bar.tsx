import type { ReactElement } from 'react'
import { Icon } from '../shell/icon.tsx'
import { duration } from '../text/format.ts'
import type { Replaying } from './use-replay.ts'

const SPEEDS = [0.1, 0.5, 1, 2, 5, 10, 50]

/** The time of a run that is over, to be gone through again. */
export function ReplayBar({ replay }: { readonly replay: Replaying }): ReactElement {
  const { at, length, playing, speed, state } = replay
  return (
    <div className="replay" role="group" aria-label="Replay">
      <button type="button" className="button small" onClick={playing ? replay.pause : replay.play}>
        <Icon name={playing ? 'pause' : 'play'} />
        {playing ? 'Pause' : 'Replay'}
      </button>
      <input
        type="range"
        aria-label="Moment of the run"
        aria-valuetext={duration(at)}
        min={0}
        max={length}
        step={Math.max(length / 1000, 0.001)}
        value={at}
        onInput={({ currentTarget }) => {
          replay.pause()
          replay.seek(Number(currentTarget.value))
        }}
      />
      <span className="number replay-at">
        {duration(at)} <span className="muted">of {duration(length)}</span>
      </span>
      <label className="check">
        <span className="hidden-text">Speed</span>
        <select
          className="field small"
          value={speed}
          onChange={({ currentTarget }) => replay.setSpeed(Number(currentTarget.value))}
        >
          {SPEEDS.map((one) => (
            <option key={one} value={one}>
              {one}×
            </option>
          ))}
        </select>
      </label>
      {state !== undefined && (
        <button type="button" className="button small" onClick={replay.leave}>
          End replay
        </button>
      )}
    </div>
  )
}
