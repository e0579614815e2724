import { expect, test } from 'vitest'
import { violationsIn } from './testing/axe.ts'
import { inBrowser } from './testing/browser.ts'
import { PAGE_STATES } from './testing/page-states.ts'

const SLOW = { timeout: 120_000 }
const SIZES = [
  ['wide', { width: 1280, height: 800 }],
  ['320 px', { width: 320, height: 640 }],
] as const

inBrowser('the page for everybody, as axe sees it', (look) => {
  test.each(
    Object.entries(PAGE_STATES).flatMap(([state, reach]) =>
      SIZES.map(([size, viewport]) => [state, size, reach, viewport] as const),
    ),
  )(
    '%s, %s: nothing is wrong, in light and dark, and nothing sticks out',
    SLOW,
    async (_state, _size, reach, viewport) => {
      const page = await reach(look, { viewport })

      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        expect(await violationsIn(page)).toEqual([])
      }
      const width = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(width).toBeLessThanOrEqual(viewport.width)
    },
  )
})
