import type { RunSummary } from '@spancast/sdk'
import type { Request, RequestHandler } from 'express'
import { BridgeError } from '../errors.ts'
import { quoted } from '../problem.ts'
import type { RunStore } from '../store/run-store.ts'
import { missingRun } from './missing-run.ts'
import { limitIn, runIdOf } from './params.ts'

const STATUSES = ['running', 'ok', 'error', 'cancelled', 'abandoned'] as const
const DEFAULT_LIMIT = 50
const MAX_LIMIT = 200

/** `GET /api/agents`: a page of run summaries, newest first. */
export function listRoute({ store }: { readonly store: RunStore }): RequestHandler {
  return async (req, res) => {
    const query = {
      status: statusIn(req),
      limit: limitIn(req, MAX_LIMIT) ?? DEFAULT_LIMIT,
      cursor: cursorIn(req),
    }
    const page = await store.list(query)
    res.setHeader('Cache-Control', 'no-store')
    res.json(page)
  }
}

/** `GET /api/agents/:randomId`: one summary. */
export function summaryRoute({ store }: { readonly store: RunStore }): RequestHandler {
  return async (req, res) => {
    const randomId = runIdOf(req)
    const summary = await store.summary(randomId)
    if (summary === undefined) throw await missingRun(store, randomId)
    res.setHeader('Cache-Control', 'no-store')
    res.json(summary)
  }
}

function statusIn({ query: { status } }: Request): RunSummary['status'] | undefined {
  if (status === undefined) return undefined
  const known = STATUSES.find((one) => one === status)
  if (known !== undefined) return known
  throw new BridgeError(
    'invalid-status',
    `Expected \`status\` to be one of ${STATUSES.join(', ')}, got ${quoted(status)}.`,
  )
}

function cursorIn({ query: { cursor } }: Request): string | undefined {
  if (cursor === undefined || typeof cursor === 'string') return cursor
  const detail = 'Expected one `cursor`, as an earlier page gave it in `next`.'
  throw new BridgeError('invalid-cursor', detail)
}
