import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'

/** Which process this is: an id alone is given to others after its end, and is always 1 in a container. */
export interface ProcessIdentity {
  readonly host: string
  readonly pid: number
  /** When it began, in words of its system; two with the same id differ in it. */
  readonly began: string
}

/** This process. */
export function ownIdentity(): ProcessIdentity {
  const { pid } = process
  return { host: hostname(), pid, began: beginOf(pid) ?? String(performance.timeOrigin) }
}

/** Whether that process of this machine still runs. */
export function isAlive({ pid, began }: ProcessIdentity): boolean {
  const now = pid === process.pid ? ownIdentity().began : beginOf(pid)
  if (now !== undefined) return now === began
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // It is there, and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The boot and the moment in it when a process began; `undefined` where the system does not tell. */
function beginOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name may hold spaces and parentheses; the 22nd field is the 20th after its last parenthesis.
    const ticks = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .at(19)
    return ticks === undefined ? undefined : `${boot}/${ticks}`
  } catch {
    return undefined
  }
}
