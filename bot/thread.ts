import { Worker, type WorkerOptions } from 'node:worker_threads'

/** Starts a thread from a file beside the caller, compiled or not: `threadFile` is its name without an ending. */
export const startThread = (threadFile: string, caller: string, options: WorkerOptions): Worker => {
  if (!caller.endsWith('.ts')) return new Worker(new URL(`./${threadFile}.js`, caller), options)
  const source = new URL(`./${threadFile}.ts`, caller).href
  return new Worker(new URL('./thread-source.mjs', import.meta.url), {
    ...options,
    workerData: { ...options.workerData, threadFile: source },
  })
}
