import { announce } from './announcer.tsx'
import { theClient } from './bridge.ts'

const INVOKED = 'spancast-invoked'

/** Starts a workflow; gives the id of its run. */
export async function askWorkflow(name: string, input: unknown): Promise<string> {
  const { randomId } = await theClient().invoke(name, input)
  remember(randomId)
  return randomId
}

/** Whether this tab has started the run, so that it may end it. */
export function isInvokedHere(randomId: string): boolean {
  return invoked().includes(randomId)
}

export function cancelRun(randomId: string): void {
  theClient()
    .cancel(randomId)
    .then(() => announce('Cancelling'), tellProblem)
}

/** Saves what the bridge keeps of a run, one event a line. */
export function exportRun(randomId: string): void {
  save(randomId).catch(tellProblem)
}

async function save(randomId: string): Promise<void> {
  const lines: string[] = []
  for await (const record of theClient().export(randomId)) lines.push(`${JSON.stringify(record)}\n`)
  const url = URL.createObjectURL(new Blob(lines, { type: 'application/x-ndjson' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `${randomId}.ndjson`
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
  announce('Exported')
}

function tellProblem(error: unknown): void {
  announce(error instanceof Error ? error.message : String(error))
}

function invoked(): readonly string[] {
  try {
    return (sessionStorage.getItem(INVOKED) ?? '').split(' ')
  } catch {
    return []
  }
}

function remember(randomId: string): void {
  try {
    sessionStorage.setItem(INVOKED, [randomId, ...invoked()].slice(0, 50).join(' '))
  } catch {
    // Then it cannot be cancelled from here.
  }
}
