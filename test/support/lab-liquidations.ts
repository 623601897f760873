import { decodeErrorResult, maxUint256, parseAbi, parseEventLogs } from 'viem'
import type { Address, Hex } from '../../core/types/chain.ts'
import { raw, sec, WAD } from '../../core/units.ts'
import { calculateUserAccountData } from '../../protocols/aave-v3/health.ts'
import {
  type LiquidationAmounts,
  type LiquidationCase,
  type LiquidationError,
  liquidationCall,
  liquidationCase,
  maxLiquidatableDebt,
} from '../../protocols/aave-v3/liquidation.ts'
import { type MarketAt, marketAt } from '../../protocols/aave-v3/market-at.ts'
import { compoundedInterest, rayDiv } from '../../protocols/aave-v3/ray-math.ts'
import { readMarket } from '../../protocols/aave-v3/read.ts'
import type { Pair } from '../../protocols/protocol.ts'
import type { AaveLab } from './aave-lab.ts'
import type { ChainAccount } from './lab-accounts.ts'
import type { LabReceipt } from './lab-chain.ts'
import type { LabFollower } from './lab-follower.ts'
import { fund, poolTx } from './lab-population.ts'
import type { Seeded } from './seeded.ts'

/** One call that bob made: what our rules said of it, what the contract did, and whether the book agreed. */
export interface Trial {
  readonly what: string
  readonly predicted: string
  readonly actual: string
  readonly bookAgrees: boolean
}

/** `Errors` of core-v3 1.19.3. */
const codes: Readonly<Record<LiquidationError, string>> = {
  RESERVE_INACTIVE: '27',
  RESERVE_PAUSED: '29',
  HEALTH_FACTOR_NOT_BELOW_THRESHOLD: '45',
  COLLATERAL_CANNOT_BE_LIQUIDATED: '46',
  SPECIFIED_CURRENCY_NOT_BORROWED_BY_USER: '47',
  INVALID_BURN_AMOUNT: '25',
}

const eventAbi = parseAbi([
  'event LiquidationCall(address indexed collateralAsset, address indexed debtAsset, address indexed user, uint256 debtToCover, uint256 liquidatedCollateralAmount, address liquidator, bool receiveAToken)',
  'event BalanceTransfer(address indexed from, address indexed to, uint256 value, uint256 index)',
  'event Transfer(address indexed from, address indexed to, uint256 value)',
])
const errorAbi = parseAbi(['error Error(string)'])

const bobOf = (n: number): Address => `0x${(0xb0b000n + BigInt(n)).toString(16).padStart(40, '0')}`

const said = (repaid: bigint, received: bigint, feeScaled: bigint): string =>
  `repaid ${repaid}, received ${received}, treasury ${feeScaled}`

const predictedOf = (it: LiquidationCase, result: LiquidationAmounts | LiquidationError): string =>
  typeof result === 'string'
    ? codes[result]
    : said(result.repayRaw, result.seizeRaw, rayDiv(result.feeRaw, it.collateral.liquidityIndexRay))

const actualOf = (
  lab: AaveLab,
  receipt: LabReceipt,
  collateral: Address,
  debt: Address,
  bob: Address,
  reverted: ReadonlyMap<Hex, Hex>,
): string => {
  if (receipt.status !== '0x1') {
    const data = reverted.get(receipt.transactionHash)!
    return String(decodeErrorResult({ abi: errorAbi, data }).args[0])
  }
  const logs = parseEventLogs({ abi: eventAbi, logs: receipt.logs as never })
  const moved = (token: Address, key: 'from' | 'to'): bigint =>
    logs
      .filter(({ address }) => address.toLowerCase() === token.toLowerCase())
      .reduce(
        (total, log) =>
          log.eventName === 'Transfer' && log.args[key].toLowerCase() === bob
            ? total + log.args.value
            : total,
        0n,
      )
  const fee = logs.reduce(
    (total, log) =>
      log.eventName === 'BalanceTransfer' && log.args.to.toLowerCase() === lab.treasury
        ? total + log.args.value
        : total,
    0n,
  )
  const event = logs.find(({ eventName }) => eventName === 'LiquidationCall')?.args as
    | { readonly debtToCover: bigint; readonly liquidatedCollateralAmount: bigint }
    | undefined
  const [repaid, received] = [moved(debt, 'from'), moved(collateral, 'to')]
  if (event?.debtToCover !== repaid || event.liquidatedCollateralAmount !== received) {
    return `event ${event?.debtToCover} ${event?.liquidatedCollateralAmount}, moved ${repaid} ${received}`
  }
  return said(repaid, received, fee)
}

/** Dust that cannot be asked for exactly is left out of the pairs: whoever asks for what was repaid is refused. */
const agrees = (
  it: LiquidationCase,
  result: LiquidationAmounts | LiquidationError,
  book: ReturnType<Pair['seizeOf']> | undefined,
): boolean => {
  if (typeof result === 'string') return book === undefined || book.repayRaw === 0n
  if (book === undefined) return typeof liquidationCall(it, result.repayRaw) === 'string'
  return book.repayRaw === result.repayRaw && book.seizeRaw === result.seizeRaw
}

const caseOf = (
  account: ChainAccount,
  market: MarketAt,
  random: Seeded,
): LiquidationCase | undefined => {
  const { holdings, category } = account
  const data = calculateUserAccountData(holdings, market, category)
  if (data === undefined || (data.healthFactorWad >= WAD && random.chance(0.8))) return undefined
  const sensible = random.chance(0.75)
  const collateral = random.pick(
    holdings.filter((one) => !sensible || (one.collateral && one.suppliedRaw > 0n)),
  )
  const debt = random.pick(holdings.filter(({ owedRaw }) => !sensible || owedRaw > 0n))
  if (collateral === undefined || debt === undefined) return undefined
  const [from, to] = [market.reserves[collateral.slot]!, market.reserves[debt.slot]!]
  return liquidationCase(from, to, collateral, debt, market.emodeOf(category), data.healthFactorWad)
}

const coverOf = (it: LiquidationCase, random: Seeded): bigint => {
  const most = maxLiquidatableDebt(it)
  return random.pick([
    maxUint256,
    maxUint256,
    most,
    most + 1n,
    (most * BigInt(random.below(1_000_000))) / 1_000_000n,
    (most * BigInt(random.below(1_000_000))) / 1_000_000n,
    most > 0n ? most - 1n : 0n,
    BigInt(random.below(4)),
  ])
}

/** Sends one call for each unhealthy account and some others, most of them sensible, all in one block, and tells what became of them. */
export const liquidateAtRandom = async (
  lab: AaveLab,
  follower: LabFollower,
  random: Seeded,
  accounts: readonly ChainAccount[],
): Promise<readonly Trial[]> => {
  const elapsedSec = 1 + random.below(5_000)
  const view = follower.view(sec(follower.timestampSec() + 1 + elapsedSec))
  // Read anew, so that what is predicted does not rest on the events that the book rests on.
  const { reserves, emodes } = await lab.chain.answer(readMarket(lab.pool))
  const market = marketAt(reserves, emodes, view, compoundedInterest)
  const drawn = accounts
    .filter(({ stable }) => !stable)
    .flatMap((account, n) => {
      const it = caseOf(account, market, random)
      return it === undefined ? [] : [{ account, it, coverRaw: coverOf(it, random), bob: bobOf(n) }]
    })
  await follower.mine(
    drawn.flatMap(({ it, bob }) => {
      const asset = lab.assets.find(({ token }) => token === it.debt.token.address)!
      return fund(lab, bob, asset, 10n ** 32n)
    }),
    1,
  )
  const verdicts = drawn.map(({ account, it, coverRaw, bob }) => {
    const [collateral, debt] = [it.collateral.token.address, it.debt.token.address]
    const result = liquidationCall(it, raw(coverRaw))
    const pair = follower.book
      .examine(account.address, view)
      ?.pairs.find((one) => one.collateral.address === collateral && one.debt.address === debt)
    const bookAgrees = agrees(it, result, pair?.seizeOf(raw(coverRaw)))
    const tx = poolTx(lab, bob, 'liquidationCall', [
      collateral,
      debt,
      account.address,
      coverRaw,
      false,
    ])
    const what = `${account.address} e${account.category} ${it.collateral.token.symbol}/${it.debt.token.symbol} ${coverRaw}`
    return { what, tx, bob, collateral, debt, bookAgrees, predicted: predictedOf(it, result) }
  })
  const { receipts } = await follower.mine(
    verdicts.map(({ tx }) => tx),
    elapsedSec,
  )
  const reverted = await lab.chain.revertData()
  return verdicts.map(({ what, predicted, bookAgrees, bob, collateral, debt }, n) => {
    const actual = actualOf(lab, receipts[n]!, collateral, debt, bob, reverted)
    return { what, predicted, actual, bookAgrees }
  })
}
