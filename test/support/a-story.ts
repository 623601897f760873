import type { Address, Hex } from '../../core/types/chain.ts'
import type { Change } from '../../core/types/change.ts'
import type { Event, Operator, Receipt } from '../../core/types/event.ts'
import type { Bundle } from '../../core/types/plan.ts'
import { gas, raw, sec, wei } from '../../core/units.ts'
import { aHead } from './a-book.ts'
import { bob } from './a-bundle.ts'

const hashOf = (number: number, branch: string): Hex =>
  `0x${branch}${number.toString(16).padStart(63, '0')}`

/** The n-th account of a story, in lower case. */
export const anAccount = (n: number): Address =>
  `0x${(0xa11ce00 + n).toString(16).padStart(40, '0')}`
/** The n-th of bob's operators. */
export const anOperator = (n: number): Address =>
  n === 0 ? bob : `0x${(0xb0b00 + n).toString(16).padStart(40, '0')}`

export const aHeadAt = (number: number, branch = 'a') =>
  aHead({
    number,
    hash: hashOf(number, branch),
    parentHash: hashOf(number - 1, branch),
    timestampSec: sec(1_700_000_000 + 12 * (number - 100)),
  })

export const synced = (number: number, branch = 'a'): Event => ({
  type: 'synced',
  head: aHeadAt(number, branch),
})

export const block = (number: number, changes: readonly Change[] = [], branch = 'a'): Event => ({
  type: 'block',
  head: aHeadAt(number, branch),
  changes,
})

export const falls = (account: Address): Change => ({
  type: 'aave/collateral',
  reserve: anAccount(0),
  account,
  enabled: false,
})

export const operators = (nonces: readonly number[], balance = 10n ** 18n): Event => ({
  type: 'operators',
  operators: nonces.map(
    (nonce, n): Operator => ({ address: anOperator(n), nonce, balanceWei: wei(balance) }),
  ),
})

/** The hash of an intent's transaction: one for each operator, nonce and intent. */
export const txHashOf = (intent: string): Hex =>
  `0x${Buffer.from(intent).toString('hex').padStart(64, '0').slice(-64)}`

export const signed = (bundle: Bundle): Event => ({
  type: 'signed',
  bundle: bundle.id,
  signed: bundle.intents.map(({ id }) => ({ intent: id, txHash: txHashOf(id), rawTx: '0x02' })),
})

export const liquidated = (account: Address, txHash: Hex): Change => ({
  type: 'aave/liquidation',
  account,
  collateral: anAccount(0),
  debt: anAccount(0),
  repaidRaw: raw(1n),
  seizedRaw: raw(2n),
  liquidator: bob,
  txHash,
})

export const receipt = (intent: string, at: number, fields: Partial<Receipt> = {}): Event => ({
  type: 'receipt',
  receipt: {
    intent,
    txHash: txHashOf(intent),
    block: at,
    blockHash: hashOf(at, 'a'),
    txIndex: 0,
    status: 'success',
    gasUsed: gas(500_000n),
    gasPriceWei: wei(20_000_000_000n),
    coinbase: anAccount(0),
    liquidations: [],
    failures: [],
    ...fields,
  },
})
