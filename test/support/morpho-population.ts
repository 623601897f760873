import { maxUint256 } from 'viem'
import type { Address } from '../../core/types/chain.ts'
import { sec } from '../../core/units.ts'
import { encode } from './aave-lab.ts'
import type { LabTx } from './lab-chain.ts'
import type { MorphoFollower } from './morpho-follower.ts'
import { type LabMarket, type LabToken, type MorphoLab, mintAbi } from './morpho-lab.ts'
import type { Seeded } from './seeded.ts'

const whale: Address = '0x000000000000000000000000000000000b16ba1e'
const feeRecipient: Address = '0x000000000000000000000000000000000000fee5'
const RICH = 10n ** 34n

/** Address of the nth account that borrows: alice and her likes. */
export const aliceOf = (n: number): Address =>
  `0x${(0xa11ce000n + BigInt(n)).toString(16).padStart(40, '0')}`

const unitsOf = ({ decimals, usd }: LabToken, dollars: number): bigint =>
  (BigInt(Math.round((dollars / usd) * 1e6)) * 10n ** BigInt(decimals)) / 1_000_000n || 1n

export const morphoTx = (
  lab: MorphoLab,
  from: Address,
  functionName: string,
  args: readonly unknown[],
): LabTx => ({ from, to: lab.morpho, data: encode(lab.abi, functionName, args) })

/** Gives an account more of every token than it can use, and lets Morpho take it. */
export const enrich = (lab: MorphoLab, who: Address): readonly LabTx[] => {
  const tokens = new Set(lab.markets.flatMap(({ loan, collateral }) => [loan, collateral]))
  return [...tokens].flatMap(({ address: to }) => [
    { from: who, to, data: encode(mintAbi, 'mint', [who, RICH]) },
    { from: who, to, data: encode(mintAbi, 'approve', [lab.morpho, maxUint256]) },
  ])
}

/** What an account may still borrow by its book, in units of the loan; some of it, or a little more than all. */
const borrowable = (
  follower: MorphoFollower,
  market: LabMarket,
  who: Address,
  random: Seeded,
): bigint => {
  const view = follower.view(sec(follower.timestampSec()))
  const audited = follower.bookOf(market).audited(who, view)
  if (audited === undefined) return 0n
  const mostRaw = (audited.collateralBase * market.params.lltv) / 10n ** 18n - audited.debtBase
  const part = random.chance(0.2) ? 1_000 : Math.floor(random.between(300, 1_002))
  return mostRaw <= 0n ? 0n : (mostRaw * BigInt(part)) / 1_000n
}

/** Lets the whale lend more or less, so that utilisation is on either side of the rate model's target, on it, or all. */
const utilise = (
  lab: MorphoLab,
  follower: MorphoFollower,
  market: LabMarket,
  random: Seeded,
): LabTx => {
  const { supply, borrow } = follower.bookOf(market).state()
  const wanted = random.pick([900, 1_000, 300 + random.below(600), 900 + random.below(100)])
  const differenceRaw = (borrow.assetsRaw * 1_000n) / BigInt(wanted) - supply.assetsRaw
  return differenceRaw > 0n
    ? morphoTx(lab, whale, 'supply', [market.params, differenceRaw, 0n, whale, '0x'])
    : morphoTx(lab, whale, 'withdraw', [market.params, -differenceRaw, 0n, whale, whale])
}

/** Lets a whale lend, and everyone deposit and borrow in some of the markets, most of them near the limit. */
export const populateMorpho = async (
  lab: MorphoLab,
  follower: MorphoFollower,
  random: Seeded,
  count: number,
): Promise<readonly Address[]> => {
  const borrowers = Array.from({ length: count }, (_, n) => aliceOf(n))
  await follower.mine(
    [whale, ...borrowers].flatMap((who) => enrich(lab, who)),
    1,
  )
  await follower.mine(
    [
      morphoTx(lab, lab.owner, 'setFeeRecipient', [feeRecipient]),
      ...lab.markets.map(({ params, loan }) =>
        morphoTx(lab, whale, 'supply', [params, unitsOf(loan, 2e6), 0n, whale, '0x']),
      ),
    ],
    12,
  )
  const taken = borrowers.flatMap((who) =>
    random.some(lab.markets, 2 + random.below(3)).map((market) => ({ who, market })),
  )
  await follower.mine(
    taken.map(({ who, market: { params, collateral } }) => {
      const amountRaw = unitsOf(collateral, 10 ** random.between(-2, 5))
      return morphoTx(lab, who, 'supplyCollateral', [params, amountRaw, who, '0x'])
    }),
    600,
  )
  await follower.mine(
    taken.map(({ who, market }) => {
      const amountRaw = borrowable(follower, market, who, random)
      return morphoTx(lab, who, 'borrow', [market.params, amountRaw, 0n, who, who])
    }),
    600,
  )
  await follower.mine(
    lab.markets.map((market) => utilise(lab, follower, market, random)),
    600,
  )
  return borrowers
}

/** Lets accounts do whatever moves a market: some of it is refused, as in life. */
export const stirMorpho = async (
  lab: MorphoLab,
  follower: MorphoFollower,
  random: Seeded,
  borrowers: readonly Address[],
  elapsedSec: number,
): Promise<void> => {
  const dollars = (): number => 10 ** random.between(-3, 4)
  const sharesOf = (market: LabMarket, who: Address): bigint =>
    follower.bookOf(market).position(who)?.borrowSharesRaw ?? 0n
  const part = (amount: bigint): bigint => (amount * BigInt(1 + random.below(1_000))) / 1_000n
  const acts: readonly ((who: Address, market: LabMarket) => LabTx)[] = [
    (who, { params, loan }) =>
      morphoTx(lab, who, 'supply', [params, unitsOf(loan, dollars()), 0n, who, '0x']),
    (who, { params }) =>
      morphoTx(lab, who, 'supply', [
        params,
        0n,
        BigInt(Math.round(10 ** random.between(0, 15))),
        who,
        '0x',
      ]),
    (who, { params, loan }) =>
      morphoTx(lab, who, 'withdraw', [params, unitsOf(loan, dollars() / 10), 0n, who, who]),
    (who, { params }) =>
      morphoTx(lab, who, 'withdraw', [params, 0n, BigInt(1 + random.below(1e6)), who, who]),
    (_, market) => utilise(lab, follower, market, random),
    (_, market) => utilise(lab, follower, market, random),
    (who, { params, collateral }) =>
      morphoTx(lab, who, 'supplyCollateral', [params, unitsOf(collateral, dollars()), who, '0x']),
    (who, { params, collateral }) =>
      morphoTx(lab, who, 'withdrawCollateral', [params, unitsOf(collateral, dollars()), who, who]),
    (who, market) =>
      morphoTx(lab, who, 'borrow', [
        market.params,
        borrowable(follower, market, who, random),
        0n,
        who,
        who,
      ]),
    (who, { params }) =>
      morphoTx(lab, who, 'borrow', [params, 0n, BigInt(1 + random.below(1e9)), who, who]),
    (who, market) =>
      morphoTx(lab, who, 'repay', [market.params, 0n, sharesOf(market, who), who, '0x']),
    (who, market) =>
      morphoTx(lab, who, 'repay', [market.params, 0n, part(sharesOf(market, who)), who, '0x']),
    (who, { params, loan }) =>
      morphoTx(lab, who, 'repay', [params, unitsOf(loan, dollars() / 10), 0n, who, '0x']),
    (who, { params }) => morphoTx(lab, who, 'accrueInterest', [params]),
    (_, { params }) =>
      morphoTx(lab, lab.owner, 'setFee', [params, BigInt(random.below(251)) * 10n ** 15n]),
    (who) => morphoTx(lab, who, 'setAuthorization', [random.pick(borrowers), random.chance(0.6)]),
  ]
  await follower.mine(
    borrowers.map((who) => random.pick(acts)(who, random.pick(lab.markets))),
    elapsedSec,
  )
}
