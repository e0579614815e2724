import { SpancastError } from '@spancast/sdk'
import type { Registered, WorkflowDefinition, WorkflowFunction, Workflows } from './workflow.ts'

/**
 * The workflows by name. A Map, so that a name such as `constructor` finds nothing that was not registered.
 *
 * @throws SpancastError `invalid-option` for one that cannot be run.
 */
export function registeredWorkflows(workflows: Workflows): ReadonlyMap<string, Registered> {
  const registered = new Map<string, Registered>()
  for (const [name, workflow] of Object.entries(workflows)) {
    registered.set(name, registeredAs(name, workflow))
  }
  return registered
}

function registeredAs(name: string, workflow: WorkflowFunction | WorkflowDefinition): Registered {
  if (typeof workflow === 'function') {
    return {
      name,
      description: undefined,
      example: undefined,
      run: (input, run) => workflow(input, run),
    }
  }
  const { description, example } = workflow ?? {}
  if (typeof workflow?.run !== 'function') {
    throw new SpancastError(
      'invalid-option',
      `Expected \`workflows.${name}\` to be a function, or an object with a function \`run\`, got ${workflow === null ? 'null' : typeof workflow}.`,
    )
  }
  if (description !== undefined && typeof description !== 'string') {
    throw new SpancastError(
      'invalid-option',
      `Expected \`workflows.${name}.description\` to be a string, got ${typeof description}.`,
    )
  }
  assertJson(name, example)
  return { name, description, example, run: (input, run) => workflow.run(input, run) }
}

function assertJson(name: string, example: unknown): void {
  try {
    JSON.stringify(example)
  } catch (error) {
    throw new SpancastError(
      'invalid-option',
      `Expected \`workflows.${name}.example\` to be a value that JSON can hold, got another.`,
      { cause: error },
    )
  }
}
