import type { Request, RequestHandler, Response } from 'express'
import { BridgeError } from '../errors.ts'
import type { Hosts } from './hosts.ts'
import { isLoopback, proxyHeader, senderProxyHeader } from './loopback.ts'
import type { Origins } from './origins.ts'
import { Secret } from './secret.ts'
import type { StreamTokens } from './stream-tokens.ts'

/**
 * What a route asks for: nothing (`open`), no more than a host that is ours (`page`), the bridge's token (`all`), that or a token for the one run that its path
 * names (`run`), or the token for senders of OTLP (`ingest`).
 */
export type Access = 'open' | 'page' | 'all' | 'run' | 'ingest'

/** What asks for a secret, where there is one. */
type Secured = Exclude<Access, 'open' | 'page'>

export interface GuardOptions {
  readonly token: string | undefined
  /** For senders of OTLP; without one, `token` is theirs too. */
  readonly ingestToken: string | undefined
  readonly streamAuth: 'token' | 'id'
  readonly insecure: boolean
  readonly hosts: Hosts
  readonly origins: Origins
  readonly streamTokens: StreamTokens
}

const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="spancast"' }

/** Decides who may do what, ahead of every route. */
export class Guard {
  readonly #options: GuardOptions
  readonly #token: Secret | undefined
  readonly #ingestToken: Secret | undefined

  constructor(options: GuardOptions) {
    this.#options = options
    this.#token = options.token === undefined ? undefined : new Secret(options.token)
    const { ingestToken } = options
    this.#ingestToken = ingestToken === undefined ? this.#token : new Secret(ingestToken)
  }

  /** Lets through who may; else fails with the BridgeError that says what is missing. */
  admit(access: Access): RequestHandler {
    return (req, res, next) => {
      securityHeaders(res)
      if (access !== 'open') {
        this.#options.origins.check(req, res)
        this.#authorise(req, access)
      }
      next()
    }
  }

  /** Answers OPTIONS. Asks for no token: browsers send none ahead of the request. */
  preflight(methods: string): RequestHandler {
    return (req, res) => {
      securityHeaders(res)
      res.setHeader('Allow', methods)
      const { origins } = this.#options
      origins.check(req, res)
      if (req.headers['access-control-request-method'] !== undefined) {
        origins.preflight(res, methods)
      }
      res.status(204).end()
    }
  }

  #authorise(req: Request, access: Exclude<Access, 'open'>): void {
    const { insecure, hosts, streamAuth } = this.#options
    if (access === 'page') {
      if (this.#token === undefined && !insecure) refuseOthers(req, access)
      hosts.check(req)
      return
    }
    const verdict = this.#verdict(req, access)
    if (this.#secretFor(access) === undefined) {
      if (!insecure) refuseOthers(req, access)
      if (verdict !== 'valid') hosts.check(req)
      return
    }
    if (verdict === 'valid') return
    if (access === 'run' && streamAuth === 'id') hosts.check(req)
    else throw refusal(verdict, access)
  }

  #secretFor(access: Secured): Secret | undefined {
    return access === 'ingest' ? this.#ingestToken : this.#token
  }

  #verdict(req: Request, access: Secured): 'valid' | 'expired' | 'invalid' | 'none' {
    const bearer = bearerIn(req)
    if (bearer !== undefined && this.#secretFor(access)?.matches(bearer) === true) return 'valid'
    // Not asked of others: Express parses the query at each look.
    const token = access === 'run' ? req.query.token : undefined
    const given = typeof token === 'string' ? token : bearer
    if (given === undefined) return 'none'
    const { randomId } = req.params
    if (access !== 'run' || typeof randomId !== 'string') return 'invalid'
    return this.#options.streamTokens.check(given, randomId)
  }
}

function securityHeaders(res: Response): void {
  res.setHeader('X-Content-Type-Options', 'nosniff')
  // Stream tokens stand in URLs.
  res.setHeader('Referrer-Policy', 'no-referrer')
  res.setHeader('Cross-Origin-Resource-Policy', 'same-origin')
  res.setHeader('Content-Security-Policy', "default-src 'none'; frame-ancestors 'none'")
}

function refuseOthers(req: Request, access: Access): void {
  const header = access === 'ingest' ? senderProxyHeader(req) : proxyHeader(req)
  if (header === undefined && isLoopback(req.socket.remoteAddress)) return
  const got =
    header === undefined ? 'one from elsewhere' : `one through a proxy (it has \`${header}\`)`
  throw new BridgeError(
    'loopback-only',
    `Expected a request from this machine, got ${got}. Give the bridge a \`token\`, or set \`insecure\` if something else guards it.`,
  )
}

function refusal(verdict: 'expired' | 'invalid' | 'none', access: Secured): BridgeError {
  if (verdict === 'expired') {
    return new BridgeError(
      'token-expired',
      'Expected a stream token that is still valid. POST /api/agents/<randomId>/token gives a new one.',
      { headers: CHALLENGE },
    )
  }
  const wanted =
    access === 'run'
      ? "the bridge's token in an Authorization: Bearer header, or a stream token of this run in ?token="
      : `the bridge's ${access === 'ingest' ? 'ingest token' : 'token'} in an Authorization: Bearer header`
  const got = verdict === 'none' ? 'none' : 'one that is not valid'
  return new BridgeError('unauthorized', `Expected ${wanted}, got ${got}.`, { headers: CHALLENGE })
}

function bearerIn(req: Request): string | undefined {
  return /^bearer +(\S+) *$/i.exec(req.headers.authorization ?? '')?.[1]
}
