import { Fragment, type ReactElement } from 'react'
import { label } from '../text/visible.ts'

export type Fact = readonly [name: string, value: string | undefined]

/** Names and short values; what is not known is left out. */
export function Facts({
  title,
  facts,
}: {
  readonly title: string
  readonly facts: readonly Fact[]
}): ReactElement {
  return (
    <section className="value">
      <h3>{title}</h3>
      <dl className="facts">
        {facts.map(([name, value]) =>
          value === undefined || value === '' ? null : (
            <Fragment key={name}>
              <dt>{name}</dt>
              <dd>
                <bdi className="mono">{label(value)}</bdi>
              </dd>
            </Fragment>
          ),
        )}
      </dl>
    </section>
  )
}
