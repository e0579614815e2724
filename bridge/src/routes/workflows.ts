import type { RequestHandler } from 'express'
import type { Registered } from '../workflows/workflow.ts'

/** `GET /api/workflows`: what may be invoked. */
export function workflowsRoute({
  workflows,
}: {
  readonly workflows: ReadonlyMap<string, Registered>
}): RequestHandler {
  const list = [...workflows.values()].map(({ name, description, example }) => ({
    name,
    description,
    example,
  }))
  return (_req, res) => {
    res.setHeader('Cache-Control', 'no-store')
    res.json({ workflows: list })
  }
}
