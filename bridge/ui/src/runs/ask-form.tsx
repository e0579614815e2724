import { type FormEvent, type ReactElement, useState } from 'react'
import { askWorkflow } from '../shell/acts.ts'
import type { WorkflowFacts } from '../shell/bridge.ts'
import { go, runHref } from '../shell/route.ts'
import { label } from '../text/visible.ts'
import { fieldsOf, inputOf } from './ask-input.ts'

/** Asks a registered workflow, and goes to its run. */
export function AskForm({
  workflows,
}: {
  readonly workflows: readonly WorkflowFacts[]
}): ReactElement {
  const [name, setName] = useState(workflows[0]?.name ?? '')
  const workflow = workflows.find((one) => one.name === name) ?? workflows[0]
  const fields = fieldsOf(workflow?.example)
  const [values, setValues] = useState<Readonly<Record<string, string>>>({})
  const [asking, setAsking] = useState(false)
  const [problem, setProblem] = useState('')
  const onSubmit = (event: FormEvent): void => {
    event.preventDefault()
    if (workflow === undefined || asking) return
    setAsking(true)
    setProblem('')
    askWorkflow(workflow.name, inputOf(fields, values)).then(
      (randomId) => go(runHref(randomId)),
      (error: unknown) => {
        setAsking(false)
        setProblem(error instanceof Error ? error.message : String(error))
      },
    )
  }
  return (
    <form className="ask" onSubmit={onSubmit} aria-label="Ask a workflow">
      <div className="ask-head">
        <h2>Ask</h2>
        {workflows.length > 1 ? (
          <select
            className="field"
            aria-label="Workflow"
            value={name}
            onChange={({ currentTarget }) => {
              setName(currentTarget.value)
              setValues({})
            }}
          >
            {workflows.map((one) => (
              <option key={one.name} value={one.name}>
                {label(one.name)}
              </option>
            ))}
          </select>
        ) : (
          <strong>{label(name)}</strong>
        )}
        {workflow?.description !== undefined && (
          <span className="muted">{label(workflow.description)}</span>
        )}
      </div>
      <div className="ask-fields">
        {fields.map(({ key, word, initial, lines }) => (
          <label key={`${name} ${key}`}>
            <span>{label(word)}</span>
            <textarea
              className={lines > 1 ? 'field mono' : 'field'}
              rows={lines}
              value={values[key] ?? initial}
              onInput={({ currentTarget }) => setValues({ ...values, [key]: currentTarget.value })}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' || event.shiftKey || lines > 1) return
                event.preventDefault()
                event.currentTarget.form?.requestSubmit()
              }}
            />
          </label>
        ))}
        <button type="submit" className="button primary" aria-disabled={asking}>
          {asking ? 'Starting …' : 'Run it'}
        </button>
      </div>
      {problem !== '' && (
        <p className="tone-error" role="alert">
          {problem}
        </p>
      )}
    </form>
  )
}
