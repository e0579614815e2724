// A process that was held up finds its timers due before it has read what came meanwhile. However long that took, it
// is one part of the time: the rest is left to look.
const PARTS = 4

/** Nothing was heard in time, and nothing said that it failed. */
export class LateAnswer extends Error {}

/**
 * What `answer` resolves with.
 *
 * @param ms - How long that may take, of the time in which this process could have heard it.
 * @throws LateAnswer if it takes longer.
 */
export async function answerWithin<T>(answer: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const wait = (parts: number): void => {
      if (parts === 0) {
        reject(new LateAnswer(`Redis has not answered in ${ms} ms.`))
        return
      }
      timer = setTimeout(() => wait(parts - 1), ms / PARTS)
      timer.unref()
    }
    wait(PARTS)
  })
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
