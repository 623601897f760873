// Entry of a worker thread that runs from TypeScript sources: hooks do not reach threads by themselves on Node 20.
import { workerData } from 'node:worker_threads'
import { register } from 'tsx/esm/api'

register()
await import(workerData.threadFile)
