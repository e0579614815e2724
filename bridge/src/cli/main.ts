import { readFlags } from './args.ts'
import type { Command, CommandIo, Flag } from './command.ts'
import { doctor } from './doctor.ts'
import { EXIT } from './exit-code.ts'
import { commandHelp, generalHelp } from './help.ts'
import { nearest } from './nearest.ts'
import { packageFacts } from './package-facts.ts'
import { serve } from './serve.ts'
import { SECRET_REFUSALS } from './settings.ts'
import { isMistake, UsageError } from './usage-error.ts'

const COMMANDS: readonly Command[] = [serve, doctor]
const HELP: Flag = { name: 'help', doc: 'This text.' }

/**
 * Does what the command line asks for.
 *
 * @param args - What follows the program's name.
 * @returns The exit code: 0 if all went well, 1 if not, 2 for a command line that cannot be understood, 130 if it
 * was interrupted.
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
    if (!isMistake(error)) throw error
    io.stderr.write(`spancast: ${error.message.trimEnd()}\n`)
    return EXIT.usage
  }
}

async function run(command: Command, args: readonly string[], io: CommandIo): Promise<number> {
  if (args.includes('-h')) return say(io, commandHelp(command))
  const flags = [...command.groups.flatMap((group) => group.flags), HELP]
  const given = readFlags(args, flags, SECRET_REFUSALS)
  return given.switched('help') ? say(io, commandHelp(command)) : command.run(given, io)
}

function commandOf(name: string): Command {
  const command = COMMANDS.find((one) => one.name === name)
  if (command !== undefined) return command
  const names = COMMANDS.map((one) => one.name)
  const near = nearest(name, names)
  const known = `There are ${names.join(' and ')}.`
  throw new UsageError(
    `Unknown command '${name}'. ${near === undefined ? known : `Did you mean ${near}?`}`,
  )
}

function say({ stdout }: CommandIo, text: string): number {
  stdout.write(text)
  return EXIT.ok
}
