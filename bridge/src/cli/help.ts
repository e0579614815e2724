import type { Command, Flag } from './command.ts'

const INDENT = '  '

/** What `spancast --help` prints. */
export function generalHelp(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const)
  return paragraphs(
    'spancast <command> [flags]',
    table(rows),
    'spancast <command> --help tells its flags, spancast --version the version.',
  )
}

/** What `spancast <command> --help` prints. */
export function commandHelp({ name, summary, details, operands = [], groups }: Command): string {
  const shown = operands.map((one) => (one.optional === true ? ` [${one.name}]` : ` <${one.name}>`))
  const sections = groups.map(({ title, flags }) => `${title}\n${table(flags.map(row))}`)
  return paragraphs(
    `spancast ${name}${shown.join('')} [flags]`,
    `${summary}.`,
    ...details,
    ...sections,
  )
}

function row(flag: Flag): readonly [string, string] {
  const { name, alias, value, doc } = flag
  const names = [name, ...(alias === undefined ? [] : [alias])].map((one) => `--${one}`)
  const left = `${names.join(', ')}${value === undefined ? '' : ` ${value}`}`
  return [left, flag.default === undefined ? doc : `${doc} Default ${flag.default}.`]
}

function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length))
  return rows.map(([left, right]) => `${INDENT}${left.padEnd(width)}  ${right}`).join('\n')
}

function paragraphs(...parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`
}
