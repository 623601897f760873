import { defineConfig } from 'vitest/config'

/** The long runs: `npm run verify`. */
export default defineConfig({
  test: { include: ['test/verify/**/*.test.ts'], testTimeout: 900_000, maxWorkers: 1 },
})
