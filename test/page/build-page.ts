import { buildPageIfStale } from '../../bridge/ui/build.mjs'

/** Once for all test files: those that ask a bridge for its page get what the sources say. */
export async function setup(): Promise<void> {
  await buildPageIfStale()
}
