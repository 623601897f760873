import { maxUint256 } from 'viem'
import type { Address } from '../../core/types/chain.ts'
import { artifact } from '../../sandbox/chain/artifacts.ts'
import { type AaveLab, encode, type LabAsset } from './aave-lab.ts'
import type { LabTx } from './lab-chain.ts'
import type { LabFollower } from './lab-follower.ts'
import type { Seeded } from './seeded.ts'

const tokenAbi = artifact('@aave/core-v3', 'mocks/tokens/MintableERC20').abi
const whale: Address = '0x000000000000000000000000000000000b16ba1e'
const VARIABLE = 2n
const STABLE = 1n

const unitsOf = ({ decimals }: LabAsset, usd: number, price: number): bigint =>
  (BigInt(Math.round((usd / price) * 1e6)) * 10n ** BigInt(decimals)) / 1_000_000n || 1n

/** Address of the nth borrower: alice and her likes. */
export const borrowerOf = (n: number): Address =>
  `0x${(0xa11ce000n + BigInt(n)).toString(16).padStart(40, '0')}`

export const poolTx = (
  lab: AaveLab,
  from: Address,
  functionName: string,
  args: readonly unknown[],
): LabTx => ({ from, to: lab.pool, data: encode(lab.poolAbi, functionName, args) })

/** Gives an account tokens that the pool may take. */
export const fund = (
  lab: AaveLab,
  who: Address,
  asset: LabAsset,
  amountRaw: bigint,
): readonly LabTx[] => [
  { from: who, to: asset.token, data: encode(tokenAbi, 'mint', [who, amountRaw]) },
  { from: who, to: asset.token, data: encode(tokenAbi, 'approve', [lab.pool, maxUint256]) },
]

export const supply = (lab: AaveLab, who: Address, asset: LabAsset, amountRaw: bigint): LabTx[] => [
  ...fund(lab, who, asset, amountRaw),
  poolTx(lab, who, 'supply', [asset.token, amountRaw, who, 0]),
]

/** What each account may still borrow, in dollars, by the pool's own word. */
const availableUsd = async (lab: AaveLab, who: readonly Address[]): Promise<readonly number[]> => {
  const { pool: address, poolAbi: abi } = lab
  const read = await lab.chain.read(
    who.map((user) => ({ address, abi, functionName: 'getUserAccountData', args: [user] })),
  )
  return read.map((data) => Number((data as readonly bigint[])[2]) / 1e8)
}

/** Lets a whale supply enough of everything, and borrowers supply, choose categories and borrow at random. */
export const populate = async (
  lab: AaveLab,
  follower: LabFollower,
  random: Seeded,
  count: number,
): Promise<readonly Address[]> => {
  const { assets } = lab
  const price = ({ feed }: LabAsset): number => follower.usdOf(feed)
  await follower.mine(
    assets.flatMap((asset) => supply(lab, whale, asset, unitsOf(asset, 2e8, price(asset)))),
    12,
  )
  const borrowers = Array.from({ length: count }, (_, n) => borrowerOf(n))
  const categories = borrowers.map(() => random.pick([0, 0, 0, 1, 1, 2]))
  await follower.mine(
    borrowers.flatMap((who) =>
      random.some(assets, 1 + random.below(4)).flatMap((asset) => {
        const usd = 10 ** random.between(-2, 6)
        return supply(lab, who, asset, unitsOf(asset, usd, price(asset)))
      }),
    ),
    3600,
  )
  await follower.mine(
    borrowers.flatMap((who, n) =>
      categories[n] === 0 ? [] : [poolTx(lab, who, 'setUserEMode', [categories[n]])],
    ),
    12,
  )
  for (let round = 0; round < 3; round++) {
    const available = await availableUsd(lab, borrowers)
    await follower.mine(
      borrowers.flatMap((who, n) => {
        const may = available[n]!
        if (may === 0 || (round > 0 && random.chance(0.4))) return []
        const own = assets.filter(
          ({ category }) => categories[n] === 0 || category === categories[n],
        )
        const asset = random.pick(own)
        const amountRaw = unitsOf(asset, may * random.between(0.4, 0.99), price(asset))
        const mode = asset.symbol === 'USDC' && random.chance(0.1) ? STABLE : VARIABLE
        return [poolTx(lab, who, 'borrow', [asset.token, amountRaw, mode, 0, who])]
      }),
      random.below(100_000) + 1,
    )
  }
  return borrowers
}

/** Lets borrowers do what moves scaled balances in every way that events tell: some of it is refused, as in life. */
export const stir = async (
  lab: AaveLab,
  follower: LabFollower,
  random: Seeded,
  borrowers: readonly Address[],
): Promise<void> => {
  const { assets } = lab
  const market = follower.market()
  const units = (asset: LabAsset, usd: number): bigint =>
    unitsOf(asset, usd, follower.usdOf(asset.feed))
  const acts: readonly ((who: Address, asset: LabAsset) => readonly LabTx[])[] = [
    (who, asset) => supply(lab, who, asset, units(asset, 10 ** random.between(-2, 4))),
    // Less than the interest that was earned meanwhile: the burn is told by a Mint.
    (who, asset) => [poolTx(lab, who, 'withdraw', [asset.token, BigInt(1 + random.below(3)), who])],
    (who, asset) => [
      poolTx(lab, who, 'withdraw', [asset.token, units(asset, random.between(1, 500)), who]),
    ],
    (who, asset) => [
      ...fund(lab, who, asset, 10n ** BigInt(asset.decimals)),
      poolTx(lab, who, 'repay', [asset.token, BigInt(1 + random.below(9)), VARIABLE, who]),
    ],
    (who, asset) => [poolTx(lab, who, 'repayWithATokens', [asset.token, maxUint256, VARIABLE])],
    (who, asset) => [
      poolTx(lab, who, 'setUserUseReserveAsCollateral', [asset.token, random.chance(0.5)]),
    ],
    (who, asset) => [poolTx(lab, who, 'swapBorrowRateMode', [asset.token, VARIABLE])],
    (who, asset) => {
      const { aToken } = market.reserves.find(({ token }) => token.address === asset.token)!
      const to = random.pick([who, ...borrowers])
      const amountRaw = units(asset, 10 ** random.between(-3, 3))
      return [{ from: who, to: aToken, data: encode(tokenAbi, 'transfer', [to, amountRaw]) }]
    },
  ]
  await follower.mine(
    borrowers.flatMap((who) => random.pick(acts)(who, random.pick(assets))),
    random.below(500_000) + 1,
  )
}

/** Moves every price, most of them far. */
export const crash = async (lab: AaveLab, follower: LabFollower, random: Seeded): Promise<void> => {
  for (const { feed, usd } of lab.assets) {
    await follower.setUsd(feed, usd * random.between(0.5, 1.6))
  }
  await follower.setUsd(lab.categoryFeed, 1850 * random.between(0.8, 1.2))
}
