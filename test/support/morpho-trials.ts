import { decodeErrorResult, decodeFunctionResult, parseAbi, parseEventLogs } from 'viem'
import { ProtocolError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { MorphoPosition, MorphoState } from '../../core/types/market.ts'
import { raw, type Sec, sec, WAD, wad } from '../../core/units.ts'
import { accrueInterest } from '../../protocols/morpho-blue/accrue.ts'
import { healthOf } from '../../protocols/morpho-blue/health.ts'
import { type Asked, type LiquidateCase, liquidate } from '../../protocols/morpho-blue/liquidate.ts'
import type { LabReceipt } from './lab-chain.ts'
import type { MorphoFollower } from './morpho-follower.ts'
import type { LabMarket, MorphoLab } from './morpho-lab.ts'
import { morphoTx } from './morpho-population.ts'
import { predictedOf, said } from './morpho-words.ts'
import type { Seeded } from './seeded.ts'

/** One call that bob made: what our rules said of it and what the contract did. */
export interface Trial {
  readonly what: string
  readonly it: LiquidateCase
  readonly asked: Asked
  readonly predicted: string
  readonly actual: string
}

export const bob: Address = '0x0000000000000000000000000000000000000b0b'

const errorAbi = parseAbi(['error Error(string)', 'error Panic(uint256)'])
const eventAbi = parseAbi([
  'event Liquidate(bytes32 indexed id, address indexed caller, address indexed borrower, uint256 repaidAssets, uint256 repaidShares, uint256 seizedAssets, uint256 badDebtAssets, uint256 badDebtShares)',
])

const refusalOf = (data: Hex): string => {
  const { errorName, args } = decodeErrorResult({ abi: errorAbi, data })
  return errorName === 'Panic' ? `Panic${args[0]}` : args[0]
}

const actualOf = (receipt: LabReceipt, reverted: ReadonlyMap<Hex, Hex>): string => {
  if (receipt.status !== '0x1') return refusalOf(reverted.get(receipt.transactionHash)!)
  const [log] = parseEventLogs({ abi: eventAbi, logs: receipt.logs as never })
  const { repaidAssets, repaidShares, seizedAssets, badDebtAssets, badDebtShares } = log!.args
  return said(repaidAssets, repaidShares, seizedAssets, badDebtAssets, badDebtShares)
}

const liquidateTx = (
  lab: MorphoLab,
  { params }: LabMarket,
  account: Address,
  { seizeRaw, repaySharesRaw }: Asked,
) => morphoTx(lab, bob, 'liquidate', [params, account, seizeRaw, repaySharesRaw, '0x'])

const accrued = (market: LabMarket, state: MorphoState, timestampSec: Sec): MorphoState => {
  const model = BigInt(market.params.irm) === 0n ? 'none' : 'adaptive-curve'
  return accrueInterest(state, model, timestampSec).state
}

const caseOf = (
  market: LabMarket,
  { supply, borrow }: MorphoState,
  holding: MorphoPosition,
  priceRaw: bigint,
): LiquidateCase => ({
  holding,
  supply,
  borrow,
  priceRaw: raw(priceRaw),
  lltvWad: wad(market.params.lltv),
})

const askedOf = ({ holding }: LiquidateCase, random: Seeded): Asked => {
  const { borrowSharesRaw, collateralRaw } = holding
  const part = (amount: bigint): bigint =>
    (amount * BigInt(1 + random.below(1_000_000))) / 1_000_000n
  const [seize, shares] = random.pick<readonly [bigint, bigint]>([
    [0n, borrowSharesRaw],
    [0n, borrowSharesRaw],
    [collateralRaw, 0n],
    [collateralRaw, 0n],
    [0n, part(borrowSharesRaw)],
    [0n, part(borrowSharesRaw)],
    [part(collateralRaw), 0n],
    [part(collateralRaw), 0n],
    [collateralRaw > 1n ? collateralRaw - 1n : 1n, 0n],
    [0n, borrowSharesRaw + 1n],
    [collateralRaw + 1n, 0n],
    [0n, BigInt(1 + random.below(2_000_000))],
    [BigInt(1 + random.below(3)), 0n],
    [0n, 0n],
    [1n, 1n],
    [0n, 1n << 130n],
  ])
  return { seizeRaw: raw(seize), repaySharesRaw: raw(shares) }
}

const isUnhealthy = ({ holding, borrow, priceRaw, lltvWad }: LiquidateCase): boolean =>
  (healthOf(holding, borrow, priceRaw, lltvWad)?.healthFactorWad ?? WAD) < WAD

/**
 * Sends calls for unhealthy positions and some others in one block, one after the other, and tells what became of each;
 * what our rules say rests on the chain's state before and on the calls that came before in the block.
 */
export const liquidateAtRandom = async (
  lab: MorphoLab,
  follower: MorphoFollower,
  random: Seeded,
  accounts: readonly Address[],
): Promise<readonly Trial[]> => {
  const elapsedSec = 1 + random.below(50_000)
  const timestampSec = sec(follower.timestampSec() + elapsedSec)
  const trials: (Omit<Trial, 'actual'> & { readonly tx: ReturnType<typeof liquidateTx> })[] = []
  for (const market of lab.markets) {
    const chain = await follower.readChain(market, accounts)
    let state = accrued(market, chain.state, timestampSec)
    for (const position of chain.positions) {
      let holding = position
      // Once in a while a second call on what the first left.
      for (let turn = 0; turn === 0 || (turn < 3 && random.chance(0.3)); turn++) {
        const it = caseOf(market, state, holding, follower.priceOf(market))
        if (!isUnhealthy(it) && random.chance(0.9)) break
        const asked = askedOf(it, random)
        const result = liquidate(it, asked)
        const what = `${market.loan.symbol}/${market.collateral.symbol} ${position.account} ${asked.seizeRaw} ${asked.repaySharesRaw}`
        const tx = liquidateTx(lab, market, position.account, asked)
        trials.push({ what, it, asked, predicted: predictedOf(result), tx })
        if (typeof result === 'string') continue
        state = { ...state, supply: result.supply, borrow: result.borrow }
        holding = { ...holding, ...result.holding }
      }
    }
  }
  const { receipts } = await follower.mine(
    trials.map(({ tx }) => tx),
    elapsedSec,
  )
  const reverted = await lab.chain.revertData()
  return trials.map(({ what, it, asked, predicted }, n) => {
    const actual = actualOf(receipts[n]!, reverted)
    return { what, it, asked, predicted, actual }
  })
}

/** Asks the contract, as it will stand at a time, what it would do if bob closed a position as the book says; and the book. */
export const probe = async (
  lab: MorphoLab,
  follower: MorphoFollower,
  market: LabMarket,
  account: Address,
  timestampSec: Sec,
  part: bigint,
): Promise<{ readonly book: string; readonly chain: string }> => {
  const view = follower.view(timestampSec)
  const pair = follower.bookOf(market).examine(account, view)?.pairs[0]
  const asked = pair && ((pair.maxRepayRaw * part) / 1_000n || 1n)
  const call = asked === undefined ? undefined : pair?.callOf?.(raw(asked))
  const everything = { seizeRaw: raw(1n), repaySharesRaw: raw(0n) }
  const { from, to, data } = liquidateTx(lab, market, account, call ?? everything)
  const time = `0x${timestampSec.toString(16)}`
  const amounts = pair?.seizeOf(raw(asked ?? 0n))
  const book =
    call === undefined ? 'refused' : `seized ${amounts?.seizeRaw}, repaid ${amounts?.repayRaw}`
  try {
    const answer = await lab.chain.anvil.rpc.call<Hex>('eth_call', [
      { from, to, data },
      'latest',
      {},
      { time },
    ])
    const [seized, repaid] = decodeFunctionResult({
      abi: lab.abi,
      functionName: 'liquidate',
      data: answer,
    }) as readonly [bigint, bigint]
    return { book, chain: `seized ${seized}, repaid ${repaid}` }
  } catch (thrown) {
    if (!(thrown instanceof ProtocolError)) throw thrown
    const { data: why } = thrown.data.error as { readonly data: Hex }
    const refusal = refusalOf(why)
    return { book, chain: refusal === 'position is healthy' ? 'refused' : refusal }
  }
}
