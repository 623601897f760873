#!/usr/bin/env node
// Runs the compiled command line when it is there (production images) and the sources otherwise.
import { existsSync } from 'node:fs'

const compiled = new URL('../dist/bin/main.js', import.meta.url)
if (existsSync(compiled)) await import(compiled)
else {
  const { register } = await import('tsx/esm/api')
  register()
  await import('./main.ts')
}
