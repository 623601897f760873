import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/verify/**', 'node_modules/**'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Chain tests start nodes of their own: two at a time is what a small machine carries.
    maxWorkers: 2,
    reporters: ['default'],
  },
})
