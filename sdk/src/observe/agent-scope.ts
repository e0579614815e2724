import { type Context, context, createContextKey } from '@opentelemetry/api'

// createContextKey uses Symbol.for, so all copies of the SDK share it.
const KEY = createContextKey('spancast.agent.v1')

/** Whether the current code runs in a method of this very agent, with no tool and no other agent in between. */
export function isInsideAgent(agent: object): boolean {
  return context.active().getValue(KEY) === agent
}

/** `of`, inside a method of `agent`. */
export function enterAgent(of: Context, agent: object): Context {
  return of.setValue(KEY, agent)
}

/** `of`, inside no agent's method: what is called from here on is a call of its own. */
export function leaveAgent(of: Context): Context {
  return of.getValue(KEY) === undefined ? of : of.deleteValue(KEY)
}
