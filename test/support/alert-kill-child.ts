import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createAlertDesk } from '../../bot/alert-desk.ts'
import { startLoop } from '../../bot/loop.ts'
import { block, operators, synced } from './a-story.ts'
import type { AlertCrashPoint, AlertKillOrder } from './alert-kill-order.ts'
import { smallSettings } from './small-rooms.ts'

const order = JSON.parse(process.env.ALERT_KILL_ORDER ?? '{}') as AlertKillOrder
const blockMs = 20
const lastMs = 60_000

const say = (_level: string, text: string): void => {
  process.stderr.write(`${text}\n`)
}

let passings = 0
const mayDie = (point: AlertCrashPoint): void => {
  if (point !== order.crashAt) return
  passings += 1
  if (passings === 2) process.kill(process.pid, 'SIGKILL')
}

const desk = createAlertDesk(
  {
    dataDir: order.folder,
    redisUrl: undefined,
    webhook: order.webhook,
    path: order.path,
    onQueued: (entry) => {
      mayDie('queued')
      loop.push({ type: 'alert-queued', entry })
      mayDie('confirmed')
    },
  },
  {
    info: (text) => say('info', text),
    warn: (text) => say('warn', text),
    error: (text) => say('error', text),
  },
)

const loop = await startLoop({
  settings: smallSettings({
    session: order.session,
    small: { bidBps: 7_300, order: 'first', tells: true },
  }),
  journalFile: join(order.folder, 'bot.journal'),
  engineFile: new URL('./small-rooms.ts', import.meta.url).href,
  onCommand: (command) => {
    if (command.type !== 'alert') return
    mayDie('told')
    desk.raise(command.alert, command.entry)
    mayDie('raised')
  },
  onFatal: (error) => {
    process.stderr.write(`${error.stack}\n`)
    process.exit(70)
  },
  log: say,
})
desk.open()
for (const { alert, entry } of loop.undelivered) desk.raise(alert, entry)
loop.push(operators([0, 0, 0]))
loop.push({ type: 'history', fromBlock: 0, toBlock: order.fromBlock, changes: [] })
loop.push(synced(order.fromBlock))
for (let n = 1; n <= order.blocks; n++) {
  await sleep(blockMs)
  loop.push(block(order.fromBlock + n, []))
}
await Promise.race([once(process, 'SIGTERM'), sleep(lastMs, undefined, { ref: false })])
await desk.stop()
await loop.stop()
