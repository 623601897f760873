import type { Address, Hex } from '../../core/types/chain.ts'
import type { MorphoChange } from '../../core/types/change.ts'
import type { MorphoMarket, MorphoPosition, MorphoState } from '../../core/types/market.ts'
import { gas, ms, raw, type Sec, sec, wei } from '../../core/units.ts'
import { createMorphoDecoder, type MorphoDecoder } from '../../protocols/morpho-blue/decode.ts'
import { createMorphoBlueBook, type MorphoBook } from '../../protocols/morpho-blue/index.ts'
import { readMarket, readPositions } from '../../protocols/morpho-blue/read.ts'
import type { PriceView } from '../../protocols/protocol.ts'
import { encode } from './aave-lab.ts'
import type { LabBlock, LabTx } from './lab-chain.ts'
import type { LabMarket, MorphoLab } from './morpho-lab.ts'

/** A market as the chain itself tells it at the head, whatever the books believe. */
export interface ChainMarket {
  readonly state: MorphoState
  readonly positions: readonly MorphoPosition[]
}

/** Books that follow the lab's markets by their logs alone, as the bot would. */
export interface MorphoFollower {
  readonly bookOf: (market: LabMarket) => MorphoBook
  readonly mine: (txs: readonly LabTx[], elapsedSec: number) => Promise<LabBlock>
  readonly setPrice: (market: LabMarket, priceRaw: bigint) => Promise<void>
  readonly priceOf: (market: LabMarket) => bigint
  readonly view: (timestampSec: Sec) => PriceView
  readonly timestampSec: () => Sec
  readonly changes: readonly MorphoChange[]
  readonly readChain: (market: LabMarket, accounts: readonly Address[]) => Promise<ChainMarket>
  /** Puts a book in place of a market's that begins with all that stands at the head. */
  readonly beginAnew: (market: LabMarket, accounts: readonly Address[]) => Promise<void>
}

const aHash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`

/** The mock has a price and no feeds: a feed that answers the price itself, with a scale of one, is the same. */
const withFeed = (market: MorphoMarket): MorphoMarket => ({
  ...market,
  oracle: {
    kind: 'chainlink-v2',
    address: market.oracle.address,
    scaleFactorRaw: raw(1n),
    base: { vaultAssetsRaw: raw(1n), feeds: [market.oracle.address] },
    quote: { vaultAssetsRaw: raw(1n), feeds: [] },
  },
})

/** Creates the markets and follows them from their first log on. */
export const followMorpho = async (lab: MorphoLab): Promise<MorphoFollower> => {
  const { chain } = lab
  const prices = new Map<string, bigint>(
    lab.markets.map(({ params, startPriceRaw }) => [params.oracle.toLowerCase(), startPriceRaw]),
  )
  const books = new Map(lab.markets.map(({ id }) => [id, createMorphoBlueBook(id)]))
  const changes: MorphoChange[] = []
  let decoder: MorphoDecoder
  let number = 0
  let timestampSec = sec(0)

  const read = (id: Hex): Promise<MorphoMarket> => chain.answer(readMarket(lab, id))

  const decoded = (block: LabBlock): readonly MorphoChange[] => {
    const followed = new Set<string>(decoder.addresses)
    const topics = new Set<string>(decoder.topics)
    const applied = block.logs
      .filter(
        ({ address, topics: [topic] }) =>
          followed.has(address.toLowerCase()) && topics.has(topic ?? ''),
      )
      .flatMap((log) => decoder.decode(log, block.timestampSec))
    changes.push(...applied)
    number = block.number
    timestampSec = block.timestampSec
    return applied
  }

  const created = await chain.mine(
    lab.markets.map(({ params }) => ({
      from: lab.owner,
      to: lab.morpho,
      data: encode(lab.abi, 'createMarket', [params]),
    })),
    1,
  )
  const markets = await Promise.all(lab.markets.map(({ id }) => read(id)))
  decoder = createMorphoDecoder(markets)
  const history = decoded(created)
  for (const market of markets) {
    const book = books.get(market.id)!
    book.apply({ type: 'morpho-market', block: number, market: withFeed(market) })
    book.apply({ type: 'history', fromBlock: 0, toBlock: number, changes: history })
  }

  const mine = async (txs: readonly LabTx[], elapsedSec: number): Promise<LabBlock> => {
    const block = await chain.mine(txs, elapsedSec)
    const applied = decoded(block)
    for (const book of books.values()) {
      book.apply({
        type: 'block',
        changes: applied,
        head: {
          number,
          hash: aHash(number),
          parentHash: aHash(number - 1),
          timestampSec,
          baseFeeWei: wei(0n),
          gasUsed: gas(0n),
          gasLimit: gas(0n),
          seenMs: ms(0),
        },
      })
    }
    return block
  }

  const readChain = async (
    { id }: LabMarket,
    accounts: readonly Address[],
  ): Promise<ChainMarket> => {
    const market = await read(id)
    const positions = await chain.answer(readPositions(market, accounts))
    return { state: market.state, positions }
  }

  return {
    bookOf: ({ id }) => books.get(id)!,
    mine,
    setPrice: async (market, priceRaw) => {
      prices.set(market.params.oracle.toLowerCase(), priceRaw)
      await mine([lab.setPrice(market, priceRaw)], 1)
    },
    priceOf: ({ params }) => prices.get(params.oracle.toLowerCase())!,
    view: (at) => ({
      timestampSec: at,
      priceOf: () => undefined,
      answerOf: (feed) => {
        const priceRaw = prices.get(feed)
        return priceRaw === undefined ? undefined : raw(priceRaw)
      },
    }),
    timestampSec: () => timestampSec,
    changes,
    readChain,
    beginAnew: async (market, accounts) => {
      const book = createMorphoBlueBook(market.id)
      const { positions } = await readChain(market, accounts)
      const readNow = withFeed(await read(market.id))
      book.apply({ type: 'morpho-market', block: number, market: { ...readNow, positions } })
      books.set(market.id, book)
    },
  }
}
