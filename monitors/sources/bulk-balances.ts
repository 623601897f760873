import { type Abi, encodeAbiParameters, parseAbi } from 'viem'
import { bulkBalancesBytecode } from '../../contracts/generated/bulk-balances.ts'
import { ProtocolError, TransientError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import { type Raw, raw } from '../../core/units.ts'
import { callByAbi, createRawCaller } from './multicall.ts'
import type { Rpc } from './rpc.ts'
import { hexOf } from './rpc-values.ts'

const abi = parseAbi(['function scaledBalanceOf(address user) view returns (uint256)']) as Abi

/** 2,100 gas for each cold slot: far below what nodes cap a call at. */
const ACCOUNTS_AT_ONCE = 5_000
/** Slots in which a token may keep its mapping of balances: Aave's have theirs in the fifties. */
const SLOTS = 128
const DEADLINE_MS = 20_000

/**
 * Reads scaled balances of a token at one block, zero for who has none: straight out of its storage by one `eth_call` with
 * code in the token's place where the node allows that, else by `scaledBalanceOf` through Multicall3.
 */
export interface BulkBalances {
  readonly read: (
    blockHash: Hex,
    token: Address,
    accounts: readonly Address[],
  ) => Promise<readonly Raw[]>
}

/** Creates a reader; it learns each token's slot from an account whose balance the token tells. Throws as `rpc` does. */
export const createBulkBalances = (rpc: Rpc): BulkBalances => {
  const caller = createRawCaller(rpc, DEADLINE_MS)
  let code: Hex | undefined
  let mayOverride = true
  /** Undefined for a token whose balances are found in no slot. */
  const slots = new Map<string, number | undefined>()

  const byMulticall = async (
    blockHash: Hex,
    token: Address,
    accounts: readonly Address[],
  ): Promise<readonly Raw[]> => {
    const answers = await callByAbi(
      caller,
      blockHash,
      accounts.map((account) => ({
        ...{ address: token, abi, functionName: 'scaledBalanceOf', args: [account] },
      })),
    )
    return answers.map((answer) => {
      if (typeof answer === 'bigint') return raw(answer)
      throw new ProtocolError(
        'SCALED_BALANCE_MISSING',
        `Check that ${token} is a token of Aave's: it does not answer scaledBalanceOf.`,
        { token },
      )
    })
  }

  const bySlot = async (
    blockHash: Hex,
    token: Address,
    slot: number,
    accounts: readonly Address[],
  ): Promise<readonly Raw[]> => {
    code ??= await rpc.request('eth_call', [{ data: bulkBalancesBytecode }, 'latest'], (found) =>
      hexOf('code', found),
    )
    const data = encodeAbiParameters([{ type: 'uint256' }], [BigInt(slot)])
    const packed = `${data}${accounts.map((account) => account.slice(2)).join('')}`
    const words = await rpc.request(
      'eth_call',
      [{ to: token, data: packed }, { blockHash }, { [token]: { code } }],
      (answer) => hexOf('balances', answer),
      DEADLINE_MS,
    )
    if (words.length !== 2 + 32 * accounts.length)
      throw new TransientError(
        'BULK_SHORT',
        `Read balances otherwise: the node answered ${(words.length - 2) / 32} of ${accounts.length}.`,
      )
    return accounts.map((_, i) => raw(BigInt(`0x${words.slice(2 + 32 * i, 34 + 32 * i)}`)))
  }

  /** Looks for the slot in which an account's balance stands. */
  const findSlot = async (
    blockHash: Hex,
    token: Address,
    holder: Address,
    balanceRaw: Raw,
  ): Promise<number | undefined> => {
    for (let slot = 0; slot < SLOTS; slot++) {
      const [found] = await bySlot(blockHash, token, slot, [holder])
      if (found === balanceRaw) return slot
    }
    return undefined
  }

  const slotOf = async (
    blockHash: Hex,
    token: Address,
    accounts: readonly Address[],
  ): Promise<number | undefined> => {
    if (slots.has(token)) return slots.get(token)
    const some = accounts.slice(0, 50)
    const balances = await byMulticall(blockHash, token, some)
    const at = balances.findIndex((balanceRaw) => balanceRaw > 0n)
    // Nobody to learn it from: not this time.
    if (at === -1) return undefined
    const slot = await findSlot(blockHash, token, some[at]!, balances[at]!)
    slots.set(token, slot)
    return slot
  }

  const inParts = async (
    accounts: readonly Address[],
    part: (some: readonly Address[]) => Promise<readonly Raw[]>,
  ): Promise<readonly Raw[]> => {
    const all: Raw[] = []
    for (let at = 0; at < accounts.length; at += ACCOUNTS_AT_ONCE)
      all.push(...(await part(accounts.slice(at, at + ACCOUNTS_AT_ONCE))))
    return all
  }

  return {
    read: async (blockHash, token, accounts) => {
      if (mayOverride) {
        try {
          const slot = await slotOf(blockHash, token, accounts)
          if (slot !== undefined)
            return await inParts(accounts, (some) => bySlot(blockHash, token, slot, some))
        } catch (thrown) {
          // A node that takes no code for another's place says so in one way or the other.
          if (!(thrown instanceof TransientError)) throw thrown
          mayOverride = false
        }
      }
      return inParts(accounts, (some) => byMulticall(blockHash, token, some))
    },
  }
}
