import { defineConfig } from 'vitest/config'

const limits = { testTimeout: 60_000, hookTimeout: 120_000 }

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      {
        test: {
          ...limits,
          name: 'parts',
          include: ['test/**/*.test.ts'],
          exclude: ['test/verify/**', 'test/system/**', 'node_modules/**'],
          // Chain tests start nodes of their own: two at a time is what a small machine carries.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...limits,
          // Compressed time: nothing else may run beside it, or seconds of a scenario pass in a moment's pause.
          name: 'system',
          include: ['test/system/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
