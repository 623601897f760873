import type { Address, Hex } from '../../core/types/chain.ts'
import { costWei, type DecodedTx } from './decoded-tx.ts'
import type { RpcError } from './json-rpc.ts'

/**
 * The public mempool: owns every transaction that was sent in the open and is not mined.
 *
 * 1. One transaction per sender and nonce; another takes its place only with fee and tip 10 % higher.
 * 2. A transaction is announced once, when no nonce before it is missing.
 * 3. It holds at most `mostTxs`, and `mostPerSender` of one account; beyond that it refuses.
 * 4. Once mined, a nonce frees the pool of everything its sender has at or below it.
 */
export interface Mempool {
  /** In the order of arrival. */
  readonly list: () => readonly DecodedTx[]
  readonly get: (hash: Hex) => DecodedTx | undefined
  /** Takes a transaction whose sender has `accountNonce` at the head, or says why not. */
  readonly add: (tx: DecodedTx, accountNonce: number) => RpcError | undefined
  readonly remove: (hashes: Iterable<Hex>) => void
  /** Forgets what these mined transactions have settled. */
  readonly settle: (mined: Iterable<Pick<DecodedTx, 'from' | 'nonce'>>) => void
  /** The nonce after the last of those that follow `accountNonce` without a gap. */
  readonly nextNonce: (from: Address, accountNonce: number) => number
  /** What a sender's transactions may cost in all, in wei, without the one at `exceptNonce`. */
  readonly spendingWei: (from: Address, exceptNonce: number) => bigint
  /** Calls back for each announced transaction until the returned function is called. */
  readonly onPending: (listener: (tx: DecodedTx) => void) => () => void
}

const mostTxs = 5_000
const mostPerSender = 64
const bumpPercent = 110n

const outbids = (fresh: DecodedTx, old: DecodedTx): boolean =>
  fresh.maxFeeWei * 100n >= old.maxFeeWei * bumpPercent &&
  fresh.tipWei * 100n >= old.tipWei * bumpPercent

/** Creates an empty pool. */
export const createMempool = (): Mempool => {
  const byHash = new Map<Hex, DecodedTx>()
  const bySender = new Map<Address, Map<number, DecodedTx>>()
  const announced = new Set<Hex>()
  const listeners = new Set<(tx: DecodedTx) => void>()

  const drop = (tx: DecodedTx): void => {
    byHash.delete(tx.hash)
    announced.delete(tx.hash)
    const own = bySender.get(tx.from)
    own?.delete(tx.nonce)
    if (own?.size === 0) bySender.delete(tx.from)
  }

  const announce = (from: Address, accountNonce: number): void => {
    const own = bySender.get(from)
    for (let nonce = accountNonce; ; nonce++) {
      const tx = own?.get(nonce)
      if (tx === undefined) return
      if (announced.has(tx.hash)) continue
      announced.add(tx.hash)
      for (const listener of listeners) listener(tx)
    }
  }

  const refuse = (tx: DecodedTx, old: DecodedTx | undefined): RpcError | undefined => {
    if (byHash.has(tx.hash)) return { code: -32000, message: 'already known' }
    if (old !== undefined) {
      return outbids(tx, old)
        ? undefined
        : { code: -32003, message: 'replacement transaction underpriced' }
    }
    if (byHash.size >= mostTxs) return { code: -32003, message: 'txpool is full' }
    if ((bySender.get(tx.from)?.size ?? 0) >= mostPerSender) {
      return { code: -32003, message: `account limit exceeded: ${mostPerSender} transactions` }
    }
    return undefined
  }

  return {
    list: () => [...byHash.values()],
    get: (hash) => byHash.get(hash),
    add: (tx, accountNonce) => {
      const old = bySender.get(tx.from)?.get(tx.nonce)
      const refused = refuse(tx, old)
      if (refused) return refused
      if (old) drop(old)
      byHash.set(tx.hash, tx)
      const own = bySender.get(tx.from) ?? new Map<number, DecodedTx>()
      bySender.set(tx.from, own.set(tx.nonce, tx))
      announce(tx.from, accountNonce)
      return undefined
    },
    remove: (hashes) => {
      for (const hash of hashes) {
        const tx = byHash.get(hash)
        if (tx) drop(tx)
      }
    },
    settle: (mined) => {
      const next = new Map<Address, number>()
      for (const { from, nonce } of mined) {
        next.set(from, Math.max(next.get(from) ?? 0, nonce + 1))
      }
      for (const [from, nonce] of next) {
        for (const tx of [...(bySender.get(from)?.values() ?? [])]) {
          if (tx.nonce < nonce) drop(tx)
        }
        announce(from, nonce)
      }
    },
    nextNonce: (from, accountNonce) => {
      let nonce = accountNonce
      while (bySender.get(from)?.has(nonce)) nonce++
      return nonce
    },
    spendingWei: (from, exceptNonce) => {
      let spending = 0n
      for (const tx of bySender.get(from)?.values() ?? []) {
        if (tx.nonce !== exceptNonce) spending += costWei(tx)
      }
      return spending
    },
    onPending: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
