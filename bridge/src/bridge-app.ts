import type { RequestListener } from 'node:http'
import { SpancastError } from '@spancast/sdk'
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type Response,
} from 'express'
import type { ProblemCounts } from './metrics/problem-counts.ts'
import type { TrustProxy } from './options.ts'
import { sendProblem, toBridgeError } from './problem.ts'
import { sendOtlpProblem } from './routes/otlp.ts'
import { addRoutes, notFound, type RouteSpec } from './routes/route-table.ts'
import type { Guard } from './security/guard.ts'

export interface AppOptions {
  readonly routes: readonly RouteSpec[]
  readonly guard: Guard
  readonly problems: ProblemCounts
  readonly trustProxy: TrustProxy | undefined
}

/** The routes as an Express app of their own, which may be mounted in another: what is not ours passes through. */
export function bridgeApp({ routes, guard, problems, trustProxy }: AppOptions): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  // Left alone, it is what the app says that this one is mounted in.
  if (trustProxy !== undefined) trust(app, trustProxy)
  addRoutes(app, guard, routes)
  // Express tells an error handler by its four parameters.
  const failed: ErrorRequestHandler = (error, req, res, _next) => {
    const known = toBridgeError(error, req.path)
    problems.add(known.code)
    if (req.path.startsWith('/v1/')) sendOtlpProblem(req, res, known)
    else sendProblem(res, known)
  }
  app.use(failed)
  return app
}

/** The app as a server of its own: what is not ours is answered too. */
export function standalone(app: Express, problems: ProblemCounts): RequestListener {
  return (req, res) => {
    // Express makes them its own before it looks at them.
    app(req as Request, res as Response, () => {
      const error = notFound()
      problems.add(error.code)
      sendProblem(res as Response, error)
    })
  }
}

function trust(app: Express, trustProxy: TrustProxy): void {
  try {
    app.set('trust proxy', trustProxy)
  } catch (error) {
    throw new SpancastError(
      'invalid-option',
      `Expected \`trustProxy\` to be true, false, a number of hops, or addresses of proxies, got ${String(trustProxy)}.`,
      { cause: error },
    )
  }
}
