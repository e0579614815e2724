import { readArgs } from './args.ts'
import type { Command, CommandIo, Flag } from './command.ts'
import { doctor } from './doctor.ts'
import { EXIT } from './exit-code.ts'
import { exportRun } from './export.ts'
import { commandHelp, generalHelp } from './help.ts'
import { invoke } from './invoke.ts'
import { nearest } from './nearest.ts'
import { open } from './open.ts'
import { packageFacts } from './package-facts.ts'
import { runs } from './runs.ts'
import { serve } from './serve.ts'
import { SECRET_REFUSALS } from './settings.ts'
import { show } from './show.ts'
import { tail } from './tail.ts'
import { isMistake, UsageError } from './usage-error.ts'
import { clean } from './watch/clean.ts'
import { failingOf } from './watch/failure.ts'

const COMMANDS: readonly Command[] = [serve, runs, tail, show, exportRun, open, invoke, doctor]
const HELP: Flag = { name: 'help', doc: 'This text.' }

/**
 * Does what the command line asks for.
 *
 * @param args - What follows the program's name.
 * @returns The exit code, one of `EXIT`.
 */
export async function main(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    const [name, ...rest] = args
    if (name === undefined) throw new UsageError(`Expected a command.\n\n${generalHelp(COMMANDS)}`)
    if (name === '--help' || name === '-h' || name === 'help') {
      return say(io, generalHelp(COMMANDS))
    }
    if (name === '--version' || name === '-v') return say(io, `${packageFacts().version}\n`)
    return await run(commandOf(name), rest, io)
  } catch (error) {
    const failing = isMistake(error)
      ? { code: EXIT.usage, message: error.message.trimEnd() }
      : failingOf(error)
    if (failing === undefined) throw error
    if (failing.message !== '') io.stderr.write(`spancast: ${clean(failing.message)}\n`)
    return failing.code
  }
}

async function run(command: Command, args: readonly string[], io: CommandIo): Promise<number> {
  if (args.includes('-h')) return say(io, commandHelp(command))
  const flags = [...command.groups.flatMap((group) => group.flags), HELP]
  const { operands = [] } = command
  const given = readArgs(args, { flags, operands, refusals: SECRET_REFUSALS })
  return given.switched('help') ? say(io, commandHelp(command)) : command.run(given, io)
}

function commandOf(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name)
  if (command !== undefined) return command
  const names = COMMANDS.map((one) => one.name)
  const near = nearest(name, names)
  const known = `There are ${names.slice(0, -1).join(', ')} and ${names.at(-1)}.`
  throw new UsageError(
    `Unknown command '${name}'. ${near === undefined ? known : `Did you mean ${near}?`}`,
  )
}

function say({ stdout }: CommandIo, text: string): number {
  stdout.write(text)
  return EXIT.ok
}
