#!/usr/bin/env node
// Runs the sources where they are, and what was compiled from them in an image that holds nothing else.
import { existsSync } from 'node:fs'

const source = new URL('./main.ts', import.meta.url)
if (existsSync(source)) {
  const { register } = await import('tsx/esm/api')
  register()
  await import(source.href)
} else await import(new URL('../dist/bin/main.js', import.meta.url).href)
