import { createHash } from 'node:crypto'
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startLoop } from '../../bot/loop.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { Change } from '../../core/types/change.ts'
import type { Command, Event } from '../../core/types/event.ts'
import type { Bundle, Intent } from '../../core/types/plan.ts'
import {
  anAccount,
  anOperator,
  block,
  falls,
  liquidated,
  operators,
  receipt,
  synced,
} from './a-story.ts'
import type { CrashPoint, KillOrder, SentTx } from './kill-order.ts'
import { smallSettings } from './small-rooms.ts'

interface World {
  head: number
  nonces: Record<string, number>
  fallen: Address[]
  /** Block of each transaction that landed, by intent. */
  landed: Record<string, { readonly block: number; readonly reverted: boolean }>
}

const order = JSON.parse(process.env.KILL_ORDER ?? '{}') as KillOrder
const worldFile = join(order.folder, 'world.json')
const sentFile = join(order.folder, 'sent.jsonl')
const blockMs = 30

const world: World = existsSync(worldFile)
  ? (JSON.parse(readFileSync(worldFile, 'utf8')) as World)
  : { head: 100, nonces: {}, fallen: [], landed: {} }
const save = (): void => {
  writeFileSync(`${worldFile}.new`, JSON.stringify(world))
  renameSync(`${worldFile}.new`, worldFile)
}
const sentTxs = (): readonly SentTx[] =>
  existsSync(sentFile)
    ? readFileSync(sentFile, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as SentTx)
    : []

let passings = 0
const mayDie = (point: CrashPoint): void => {
  if (point !== order.crashAt) return
  passings += 1
  if (passings === (order.crashCount ?? 1)) process.kill(process.pid, 'SIGKILL')
}

/** What a signature covers: the same only for the same operator, nonce and plan. */
const txHashOf = ({ operator, nonce, plan }: Intent): Hex => {
  const body = JSON.stringify([
    operator,
    nonce,
    plan.targetBlock,
    plan.bidBps,
    plan.items.map(({ position }) => position),
  ])
  return `0x${createHash('sha256').update(body).digest('hex')}`
}

const sign = async (bundle: Bundle): Promise<void> => {
  mayDie('sign')
  await sleep(3)
  loop.push({
    type: 'signed',
    bundle: bundle.id,
    signed: bundle.intents.map((intent) => ({
      intent: intent.id,
      txHash: txHashOf(intent),
      rawTx: '0x02',
    })),
  })
  mayDie('signed')
}

const send = ({ bundle, signed }: Extract<Command, { type: 'send' }>): void => {
  mayDie('send')
  for (const intent of bundle.intents) {
    const tx: SentTx = {
      session: order.session,
      intent: intent.id,
      operator: intent.operator,
      nonce: intent.nonce,
      targetBlock: bundle.targetBlock,
      positions: intent.plan.items.map(({ position }) => position),
      txHash: signed.find((each) => each.intent === intent.id)!.txHash,
      head: world.head,
    }
    appendFileSync(sentFile, `${JSON.stringify(tx)}\n`)
  }
  mayDie('sent')
}

/** Includes what was sent for the block: of three one is left out, of five one reverts. */
const mine = (): readonly Event[] => {
  world.head += 1
  const changes: Change[] = []
  const receipts: Event[] = []
  for (const { targetBlock, operator, nonce, txHash, intent, positions } of sentTxs()) {
    const dice = Number.parseInt(txHash.slice(-4), 16)
    if (targetBlock !== world.head || nonce !== (world.nonces[operator] ?? 0) || dice % 3 === 0)
      continue
    world.nonces[operator] = nonce + 1
    const reverted = dice % 5 === 0
    world.landed[intent] = { block: world.head, reverted }
    receipts.push(
      receipt(intent, world.head, { txHash, status: reverted ? 'reverted' : 'success' }),
    )
    if (reverted) continue
    for (const position of positions) {
      const account = position.split(':')[1] as Address
      world.fallen = world.fallen.filter((each) => each !== account)
      changes.push(liquidated(account, txHash))
    }
  }
  for (const n of [world.head * 7, world.head * 11]) {
    const account = anAccount(1 + (n % 40))
    if (world.fallen.includes(account)) continue
    world.fallen.push(account)
    changes.push(falls(account))
  }
  save()
  return [...receipts, block(world.head, changes)]
}

const loop = await startLoop({
  settings: smallSettings({
    session: order.session,
    small: order.small,
    // What reverts here is no reason to stop: the crash must come.
    loss: { hourEth: 1_000, dayEth: 1_000 },
  }),
  journalFile: join(order.folder, 'bot.journal'),
  engineFile: new URL('./small-rooms.ts', import.meta.url).href,
  onCommand: (command) => {
    if (command.type === 'sign') void sign(command.bundle)
    if (command.type === 'send') send(command)
  },
  onFatal: (error) => {
    process.stderr.write(`${error.stack}\n`)
    process.exit(70)
  },
  log: (_level, text) => process.stderr.write(`${text}\n`),
})

loop.push(operators([0, 1, 2].map((n) => world.nonces[anOperator(n)] ?? 0)))
for (const { intent, signed } of loop.unsettled) {
  const landed = world.landed[intent.id]
  if (landed === undefined || signed === undefined) continue
  const status = landed.reverted ? 'reverted' : 'success'
  loop.push(receipt(intent.id, landed.block, { txHash: signed.txHash, status }))
}
loop.push({ type: 'history', fromBlock: 0, toBlock: world.head, changes: world.fallen.map(falls) })
loop.push(synced(world.head))
for (let n = 0; n < order.blocks; n++) {
  await sleep(blockMs)
  for (const event of mine()) {
    loop.push(event)
    mayDie(event.type === 'receipt' ? 'receipt' : 'block')
  }
}
await loop.stop()
