/**
 * An account that sends: owns its nonces and what it has in flight.
 *
 * 1. Calls come one at a time: the actor awaits each before the next.
 * 2. A nonce is used once the node has taken its transaction; a refusal uses none.
 * 3. What is not mined after `patience` settlements is sent again, byte for byte; when it is refused, or after
 *    `despair`, everything from that nonce on is forgotten and the next transaction takes that nonce with higher fees.
 * 4. So a transaction that was dropped, evicted or outbid never blocks those behind it for longer than `despair`.
 */
import type { PrivateKeyAccount } from 'viem/accounts'
import { messageOf } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { Rpc } from '../chain/rpc.ts'
import type { Scenario } from '../scenario.ts'

/** A transaction to be signed. */
export interface TxRequest {
  readonly to: Address
  readonly data: Hex
  readonly gas: bigint
}

/** One account that sends. */
export interface Sender {
  /** Signs, sends and resolves to the hash; throws what the node answers when it refuses. */
  readonly send: (call: TxRequest) => Promise<Hex>
  /** Looks what was mined; called once a block. */
  readonly settle: () => Promise<Fates>
}

/** What became of an account's transactions since the last look; what is in neither set has been mined. */
export interface Fates {
  readonly waiting: ReadonlySet<Hex>
  /** Given up: never mined unless somebody else kept the bytes. */
  readonly lost: ReadonlySet<Hex>
}

/** Settlements, that is blocks, until a transaction is sent again, and until it is given up. */
const patience = 3
const despair = 8
/** How nodes say that they hold a transaction: go-ethereum, anvil. */
const alreadyThere = /already (known|imported)/i

/** Returns a fee cap that a scenario's base fee never reaches, in wei per gas. */
export const feeCapWei = ({ chain }: Pick<Scenario, 'chain'>, tipWei: bigint): bigint =>
  BigInt(Math.ceil(Math.max(...chain.baseFeeGwei.map(([, gwei]) => gwei)) * 4e9)) + tipWei

/**
 * Creates the sender of an account; fees are the most it pays per gas, in wei. `submit` takes a signed transaction to
 * where it is sent, the node's public mempool unless given, and throws what is answered when it is refused.
 */
export const createSender = ({
  account,
  rpc,
  chainId,
  tipWei,
  maxFeeWei,
  submit = (raw) => rpc.call<Hex>('eth_sendRawTransaction', [raw]),
  log,
}: {
  readonly account: PrivateKeyAccount
  readonly rpc: Rpc
  readonly chainId: number
  readonly tipWei: bigint
  readonly maxFeeWei: bigint
  readonly submit?: (raw: Hex) => Promise<Hex>
  readonly log: (text: string) => void
}): Sender => {
  const inFlight = new Map<number, { readonly hash: Hex; readonly raw: Hex; blocks: number }>()
  let nextNonce: number | undefined
  let bumps = 0

  const countAtHead = async (): Promise<number> =>
    Number(await rpc.call<Hex>('eth_getTransactionCount', [account.address, 'latest']))

  /** Returns the hashes that were given up. */
  const giveUpFrom = (nonce: number, why: string): readonly Hex[] => {
    log(`${account.address} gives up its transactions from nonce ${nonce}: ${why}`)
    const late = [...inFlight].filter(([number]) => number >= nonce)
    for (const [number] of late) inFlight.delete(number)
    nextNonce = nonce
    bumps += 1
    return late.map(([, { hash }]) => hash)
  }

  return {
    send: async ({ to, data, gas }) => {
      const nonce = nextNonce ?? (await countAtHead())
      const percent = 100n + 25n * BigInt(bumps)
      const raw = await account.signTransaction({
        type: 'eip1559',
        chainId,
        nonce,
        to,
        data,
        gas,
        maxPriorityFeePerGas: (tipWei * percent) / 100n,
        maxFeePerGas: (maxFeeWei * percent) / 100n,
      })
      const hash = await submit(raw)
      inFlight.set(nonce, { hash, raw, blocks: 0 })
      nextNonce = nonce + 1
      return hash
    },
    settle: async () => {
      const mined = await countAtHead()
      if (mined > (nextNonce ?? 0)) nextNonce = mined
      const lost: Hex[] = []
      for (const [nonce, tx] of [...inFlight]) {
        if (nonce < mined) {
          inFlight.delete(nonce)
          bumps = 0
        } else if (inFlight.has(nonce)) {
          tx.blocks += 1
          if (tx.blocks >= despair) {
            lost.push(...giveUpFrom(nonce, `not mined in ${tx.blocks} blocks`))
          } else if (tx.blocks >= patience) {
            const why = await submit(tx.raw).then(() => '', messageOf)
            if (why !== '' && !alreadyThere.test(why)) lost.push(...giveUpFrom(nonce, why))
          }
        }
      }
      const waiting = new Set([...inFlight.values()].map(({ hash }) => hash))
      return { waiting, lost: new Set(lost) }
    },
  }
}
