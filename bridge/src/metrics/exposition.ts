/** One named figure, with a value for each combination of its labels. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge'
  readonly samples: readonly Sample[]
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** The metrics in Prometheus' text format. */
export function exposition(metrics: readonly Metric[]): string {
  return metrics.map(textOf).join('')
}

/** A metric without labels. */
export function single(name: string, type: Metric['type'], help: string, value: number): Metric {
  return { name, type, help, samples: [{ value }] }
}

/** A metric with one label, from a record of its values. */
export function byLabel(
  name: string,
  type: Metric['type'],
  help: string,
  label: string,
  values: Readonly<Record<string, number>>,
): Metric {
  const samples = Object.entries(values).map(([key, value]) => ({
    labels: { [label]: key },
    value,
  }))
  return { name, type, help, samples }
}

function textOf({ name, help, type, samples }: Metric): string {
  const lines = samples.map((sample) => `${name}${labelsOf(sample)} ${sample.value}\n`)
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

function labelsOf({ labels = {} }: Sample): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
