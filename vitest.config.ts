import { defineConfig } from 'vitest/config'

const conditions = ['@spancast/source', 'node', 'development|production']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: [
      'sdk/src/**/*.test.ts',
      'bridge/src/**/*.test.ts',
      'bridge/ui/src/**/*.test.ts',
      'test/**/*.test.ts',
      'examples/*/src/**/*.test.ts',
    ],
    globalSetup: 'test/page/build-page.ts',
    testTimeout: 20_000,
    // A machine that is shared stalls for seconds at times; what fails twice is broken. Each retry is told.
    retry: process.env.CI === undefined ? 0 : 1,
  },
})
