import { encodeAbiParameters, encodeEventTopics, type Hex, pad } from 'viem'
import type { Address } from '../../core/types/chain.ts'
import { sec } from '../../core/units.ts'
import { eventAbi } from '../../protocols/aave-v3/abi.ts'
import { createAaveDecoder } from '../../protocols/aave-v3/decode.ts'
import { createAaveV3Book } from '../../protocols/aave-v3/index.ts'
import type { EventVector } from './aave-revisions.ts'
import { addressOf, aMarket, aReserve, borrowed, NOW, supplied } from './an-aave-book.ts'

export const holder = addressOf(0xa11c, 1)
export const other = addressOf(0xb0b, 1)
export const blockSec = sec(NOW + 12)

/** Words of data. */
export const uints = (...values: readonly bigint[]): Hex =>
  encodeAbiParameters(
    values.map(() => ({ type: 'uint256' })),
    [...values],
  )

/** One of a holder's token events as the chain would log it. */
const logOf = (token: Address, it: EventVector['events'][number]) => {
  const [value, index] = [BigInt(it.value), BigInt(it.index)]
  const log = (
    eventName: 'Mint' | 'Burn' | 'BalanceTransfer',
    args: Record<string, Address>,
    data: Hex,
  ) => ({
    address: token,
    topics: encodeEventTopics({ abi: eventAbi, eventName, args } as never) as Hex[],
    data,
    transactionHash: pad('0x1') as Hex,
  })
  if (it.event === 'BalanceTransfer') {
    const [from, to] =
      it.direction === '0'
        ? [holder, holder]
        : it.direction === '-1'
          ? [holder, other]
          : [other, holder]
    return log('BalanceTransfer', { from, to }, uints(value, index))
  }
  const data = uints(value, BigInt(it.balanceIncrease!), index)
  return it.event === 'Mint'
    ? log('Mint', { caller: holder, onBehalfOf: holder }, data)
    : log('Burn', { from: holder, target: other }, data)
}

/** What a book holds after the events, told through the decoder of the revision. */
export const followedBalance = (it: EventVector, revision: number): string => {
  const market = aMarket([aReserve(0)], { revision })
  const decoder = createAaveDecoder(market)
  const isSupply = it.token === 'aToken'
  const token = isSupply ? market.reserves[0]!.aToken : market.reserves[0]!.variableDebtToken
  const book = createAaveV3Book()
  book.apply({ type: 'market', block: 1, market })
  const begin = isSupply ? supplied : borrowed
  const plenty = 10n ** 60n
  book.apply({
    type: 'history',
    fromBlock: 1,
    toBlock: 2,
    changes: [begin(holder, 0, BigInt(it.scaledBefore)), begin(other, 0, plenty)],
  })
  book.apply({
    type: 'history',
    fromBlock: 3,
    toBlock: 3,
    changes: it.events.flatMap((event) => decoder.decode(logOf(token, event), blockSec)),
  })
  const held = [...book.snapshot()].find(
    (change) => change.type === 'aave/scaled' && change.account === holder,
  )
  return held?.type === 'aave/scaled' ? String(held.deltaRaw) : '0'
}
