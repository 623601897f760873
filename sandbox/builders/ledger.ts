import { toHex } from 'viem'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { Rpc } from '../chain/rpc.ts'
import { costWei, type DecodedTx } from '../node/decoded-tx.ts'

/** A sender before the block. */
export interface AccountState {
  readonly nonce: number
  readonly balanceWei: bigint
}

/**
 * The senders of a block in the making.
 *
 * 1. It knows what simulation does not check: nonces, the base fee, and that each sender has the money before the block.
 * 2. `spend` takes a transaction in; `fork` gives a ledger that goes on from here without changing this one.
 * 3. It does not know what transactions bring in or really cost; whether a sender can pay several, simulation says.
 */
export interface Ledger {
  /** Returns why a transaction cannot come next, or undefined when it can. */
  readonly fault: (tx: DecodedTx) => LedgerFault | undefined
  /** Says whether the sender has what this and all it has spent may cost at most. */
  readonly covers: (tx: DecodedTx) => boolean
  readonly spend: (tx: DecodedTx) => void
  readonly fork: () => Ledger
}

export interface LedgerFault {
  readonly kind:
    | 'nonce too low'
    | 'nonce too high'
    | 'max fee per gas less than block base fee'
    | 'insufficient funds'
  readonly detail: string
}

/** Reads the senders of transactions at a block. */
export const readAccounts = async (
  rpc: Rpc,
  senders: Iterable<Address>,
  blockNumber: number,
): Promise<ReadonlyMap<Address, AccountState>> => {
  const unique = [...new Set(senders)]
  if (unique.length === 0) return new Map()
  const tag = toHex(blockNumber)
  const answers = await rpc.batch<Hex>(
    unique.flatMap((address) => [
      { method: 'eth_getTransactionCount', params: [address, tag] },
      { method: 'eth_getBalance', params: [address, tag] },
    ]),
  )
  return new Map(
    unique.map((address, i) => [
      address,
      { nonce: Number(answers[2 * i]), balanceWei: BigInt(answers[2 * i + 1]!) },
    ]),
  )
}

/** Creates a ledger over accounts at the parent block. */
export const createLedger = (
  accounts: ReadonlyMap<Address, AccountState>,
  baseFeeWei: bigint,
  spent: {
    readonly nonces: ReadonlyMap<Address, number>
    readonly costsWei: ReadonlyMap<Address, bigint>
  } = { nonces: new Map(), costsWei: new Map() },
): Ledger => {
  const nonces = new Map(spent.nonces)
  const costsWei = new Map(spent.costsWei)

  const nonceOf = (from: Address): number => nonces.get(from) ?? accounts.get(from)?.nonce ?? 0
  const balanceOf = (from: Address): bigint => accounts.get(from)?.balanceWei ?? 0n
  const costsOf = (tx: DecodedTx): bigint => (costsWei.get(tx.from) ?? 0n) + costWei(tx)

  return {
    fault: (tx) => {
      const state = nonceOf(tx.from)
      const balanceWei = balanceOf(tx.from)
      const at = `address ${tx.from}, tx: ${tx.nonce} state: ${state}`
      if (tx.nonce < state) return { kind: 'nonce too low', detail: at }
      if (tx.nonce > state) return { kind: 'nonce too high', detail: at }
      if (tx.maxFeeWei < baseFeeWei) {
        return {
          kind: 'max fee per gas less than block base fee',
          detail: `address ${tx.from}, maxFeePerGas: ${tx.maxFeeWei}, baseFee: ${baseFeeWei}`,
        }
      }
      if (balanceWei < costWei(tx)) {
        return {
          kind: 'insufficient funds',
          detail: `address ${tx.from} have ${balanceWei} want ${costWei(tx)}`,
        }
      }
      return undefined
    },
    covers: (tx) => balanceOf(tx.from) >= costsOf(tx),
    spend: (tx) => {
      nonces.set(tx.from, tx.nonce + 1)
      costsWei.set(tx.from, costsOf(tx))
    },
    fork: () => createLedger(accounts, baseFeeWei, { nonces, costsWei }),
  }
}
