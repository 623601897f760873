import { zeroAddress } from 'viem'
import { ProtocolError } from '../../core/errors.ts'
import type { Address, Hex, Token } from '../../core/types/chain.ts'
import type {
  MorphoMarket,
  MorphoPosition,
  MorphoPreLiquidation,
  MorphoState,
} from '../../core/types/market.ts'
import { raw, sec, wad } from '../../core/units.ts'
import { readAbi } from './abi.ts'
import { readOracle } from './read-oracle.ts'
import { ask, askAll, type ReadCall, type Reading } from './reading.ts'

/** Where the protocol stands, and whose rate model we know. */
export interface MorphoAddresses {
  readonly morpho: Address
  readonly adaptiveCurveIrm: Address
}

interface PreLiquidationParams {
  readonly preLltv: bigint
  readonly preLCF1: bigint
  readonly preLCF2: bigint
  readonly preLIF1: bigint
  readonly preLIF2: bigint
  readonly preLiquidationOracle: Address
}

type Params = readonly [Address, Address, Address, Address, bigint]

const callOf = (address: Address, functionName: string, ...args: readonly unknown[]): ReadCall => ({
  address,
  abi: readAbi,
  functionName,
  args,
})

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase()

const stateOf = (totals: readonly bigint[], rateAtTarget: bigint): MorphoState => {
  const [supply, supplyShares, borrow, borrowShares, lastUpdate, fee] = totals.map(BigInt)
  return {
    supply: { assetsRaw: raw(supply!), sharesRaw: raw(supplyShares!) },
    borrow: { assetsRaw: raw(borrow!), sharesRaw: raw(borrowShares!) },
    feeWad: wad(fee!),
    rateAtTargetWad: wad(rateAtTarget),
    updatedSec: sec(Number(lastUpdate)),
  }
}

function* readTokens(addresses: readonly Address[]): Reading<readonly Token[]> {
  const decimals = yield* askAll<number>(addresses.map((token) => callOf(token, 'decimals')))
  const symbols = yield* ask<string>(addresses.map((token) => callOf(token, 'symbol')))
  return addresses.map((address, index) => ({
    address,
    // A symbol that is no string, as early tokens have it, does not decode.
    symbol: symbols[index] ?? address.slice(0, 8),
    decimals: decimals[index]!,
  }))
}

/** Contracts of other markets and of another Morpho are left out: anyone can make one. */
function* readPreLiquidations(
  { morpho }: MorphoAddresses,
  id: Hex,
  contracts: readonly Address[],
  collateral: Token,
  loan: Token,
): Reading<readonly MorphoPreLiquidation[]> {
  const answers = yield* ask<unknown>(
    contracts.flatMap((contract) => [
      callOf(contract, 'MORPHO'),
      callOf(contract, 'ID'),
      callOf(contract, 'preLiquidationParams'),
    ]),
  )
  const found: MorphoPreLiquidation[] = []
  for (const [index, address] of contracts.entries()) {
    const of = answers[3 * index] as Address | undefined
    const market = answers[3 * index + 1] as Hex | undefined
    const params = answers[3 * index + 2] as PreLiquidationParams | undefined
    if (of === undefined || market === undefined || params === undefined) continue
    if (!isSame(of, morpho) || !isSame(market, id)) continue
    found.push({
      address,
      preLltvWad: wad(params.preLltv),
      closeFactor1Wad: wad(params.preLCF1),
      closeFactor2Wad: wad(params.preLCF2),
      incentiveFactor1Wad: wad(params.preLIF1),
      incentiveFactor2Wad: wad(params.preLIF2),
      oracle: yield* readOracle(params.preLiquidationOracle, collateral.decimals, loan.decimals),
    })
  }
  return found
}

/**
 * Reads a market and those of the given PreLiquidation contracts that are its own, in a few batches of calls, all to be
 * made at one and the same block; it makes none itself: take a batch from `next()`, answer it with `next(results)`, until
 * it is done. Throws ProtocolError when there is no such market.
 */
export function* readMarket(
  addresses: MorphoAddresses,
  id: Hex,
  preLiquidations: readonly Address[] = [],
): Reading<MorphoMarket> {
  const { morpho, adaptiveCurveIrm } = addresses
  const [params, totals] = (yield* askAll([
    callOf(morpho, 'idToMarketParams', id),
    callOf(morpho, 'market', id),
  ])) as readonly [Params, readonly bigint[]]
  if (BigInt(totals[4]!) === 0n) {
    throw new ProtocolError(
      'MORPHO_MARKET_MISSING',
      `Take market ${id} off the list: ${morpho} has none of that id.`,
      { morpho, id },
    )
  }
  const [loanToken, collateralToken, oracle, irm, lltv] = params
  const [loan, collateral] = (yield* readTokens([loanToken, collateralToken])) as [Token, Token]
  const isAdaptive = isSame(irm, adaptiveCurveIrm)
  const [rateAtTarget] = yield* askAll<bigint>(isAdaptive ? [callOf(irm, 'rateAtTarget', id)] : [])
  return {
    morpho,
    id,
    loan,
    collateral,
    oracle: yield* readOracle(oracle, collateral.decimals, loan.decimals),
    irm,
    rateModel: isAdaptive ? 'adaptive-curve' : isSame(irm, zeroAddress) ? 'none' : 'unknown',
    lltvWad: wad(lltv),
    preLiquidations: yield* readPreLiquidations(addresses, id, preLiquidations, collateral, loan),
    state: stateOf(totals, rateAtTarget ?? 0n),
  }
}

/** Reads the positions of accounts in a market, at the block of its own reading; those of whom there is nothing to tell are left out. */
export function* readPositions(
  { morpho, id, preLiquidations }: Pick<MorphoMarket, 'morpho' | 'id' | 'preLiquidations'>,
  accounts: readonly Address[],
): Reading<readonly MorphoPosition[]> {
  const read = yield* askAll<readonly bigint[]>(
    accounts.map((account) => callOf(morpho, 'position', id, account)),
  )
  const authorized = yield* askAll<boolean>(
    accounts.flatMap((account) =>
      preLiquidations.map(({ address }) => callOf(morpho, 'isAuthorized', account, address)),
    ),
  )
  const width = preLiquidations.length
  return accounts
    .map((account, index) => ({
      account: account.toLowerCase() as Address,
      borrowSharesRaw: raw(read[index]![1]!),
      collateralRaw: raw(read[index]![2]!),
      authorized: preLiquidations
        .filter((_, n) => authorized[index * width + n])
        .map(({ address }) => address.toLowerCase() as Address),
    }))
    .filter(
      ({ borrowSharesRaw, collateralRaw, authorized: by }) =>
        borrowSharesRaw > 0n || collateralRaw > 0n || by.length > 0,
    )
}
