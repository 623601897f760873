import type { Address } from '../../core/types/chain.ts'
import type { AaveChange } from '../../core/types/change.ts'
import type { AaveMarket } from '../../core/types/market.ts'
import { createUndoLog } from '../../core/undo-log.ts'
import { base, gas, ms, type Sec, sec, wei } from '../../core/units.ts'
import { type AccountTable, createAccountTable } from '../../protocols/aave-v3/account-table.ts'
import { type AaveDecoder, createAaveDecoder } from '../../protocols/aave-v3/decode.ts'
import { createAaveV3Book } from '../../protocols/aave-v3/index.ts'
import { readMarket } from '../../protocols/aave-v3/read.ts'
import type { PriceView, ProtocolBook } from '../../protocols/protocol.ts'
import { type AaveLab, answerOf } from './aave-lab.ts'
import type { LabBlock, LabTx } from './lab-chain.ts'

/** A book that follows the lab by its logs alone, as the bot would. */
export interface LabFollower {
  readonly book: ProtocolBook
  readonly market: () => AaveMarket
  /** Mines a block and applies its logs. */
  readonly mine: (txs: readonly LabTx[], elapsedSec: number) => Promise<LabBlock>
  /** Reads the market anew, as the bot does after a change of configuration. */
  readonly reread: () => Promise<void>
  readonly setUsd: (feed: Address, usd: number) => Promise<void>
  readonly usdOf: (feed: Address) => number
  readonly view: (timestampSec: Sec) => PriceView
  readonly changes: readonly AaveChange[]
  /** The same changes in a table of their own, by the reserves' places in the market. */
  readonly accounts: AccountTable
  readonly timestampSec: () => Sec
}

const record = (accounts: AccountTable, market: AaveMarket, change: AaveChange): void => {
  const slotOf = (reserve: Address): number =>
    market.reserves.findIndex(({ token }) => token.address.toLowerCase() === reserve)
  if (change.type === 'aave/scaled') {
    accounts.addScaled(change.account, slotOf(change.reserve), change.side, change.deltaRaw)
  } else if (change.type === 'aave/collateral') {
    accounts.setCollateral(change.account, slotOf(change.reserve), change.enabled)
  } else if (change.type === 'aave/emode') accounts.setCategory(change.account, change.category)
  else if (change.type === 'aave/stable-debt') accounts.setStable(change.account)
}

const aHash = (n: number): `0x${string}` => `0x${n.toString(16).padStart(64, '0')}`

export const followLab = async (lab: AaveLab): Promise<LabFollower> => {
  const { chain } = lab
  const book = createAaveV3Book()
  const answers = new Map<string, bigint>()
  const changes: AaveChange[] = []
  for (const { feed, usd } of lab.assets) answers.set(feed.toLowerCase(), answerOf(usd))
  answers.set(lab.categoryFeed.toLowerCase(), answerOf(1850.01))
  const accounts = createAccountTable(createUndoLog())
  let number = 0
  let timestampSec = sec(0)
  let market: AaveMarket
  let decoder: AaveDecoder

  const reread = async (): Promise<void> => {
    market = await chain.answer(readMarket(lab.pool))
    decoder = createAaveDecoder(market)
    book.apply({ type: 'market', block: number, market })
  }
  await reread()

  return {
    book,
    changes,
    accounts,
    timestampSec: () => timestampSec,
    reread,
    market: () => market,
    mine: async (txs, elapsedSec) => {
      const block = await chain.mine(txs, elapsedSec)
      number = block.number
      timestampSec = block.timestampSec
      const followed = new Set(decoder.addresses.map((address) => address.toLowerCase()))
      const topics = new Set<string>(decoder.topics)
      const applied = block.logs
        .filter(({ address, topics: [topic] }) => followed.has(address) && topics.has(topic ?? ''))
        .flatMap((log) => decoder.decode(log, block.timestampSec))
      changes.push(...applied)
      for (const change of applied) record(accounts, market, change)
      book.apply({
        type: 'block',
        changes: applied,
        head: {
          number,
          hash: aHash(number),
          parentHash: aHash(number - 1),
          timestampSec: block.timestampSec,
          baseFeeWei: wei(0n),
          gasUsed: gas(0n),
          gasLimit: gas(0n),
          seenMs: ms(0),
        },
      })
      return block
    },
    setUsd: async (feed, usd) => {
      answers.set(feed.toLowerCase(), answerOf(usd))
      await lab.setAnswer(feed, answerOf(usd))
    },
    usdOf: (feed) => Number(answers.get(feed.toLowerCase())) / 1e8,
    view: (timestampSec) => ({
      timestampSec: sec(timestampSec),
      priceOf: (aggregator) => {
        const answer = answers.get(aggregator)
        return answer === undefined ? undefined : base(answer)
      },
    }),
  }
}
