import type { Address, Hex } from '../core/types/chain.ts'
import type { Change } from '../core/types/change.ts'
import { raw } from '../core/units.ts'
import { seeded } from '../test/support/seeded.ts'
import { assetOf, type TapeAsset } from './tape-market.ts'

/** One borrower: collateral in one asset, debt in another, at indexes of one. */
export interface TapeAccount {
  readonly address: Address
  readonly collateral: TapeAsset
  readonly debt: TapeAsset
  readonly suppliedRaw: bigint
  readonly owedRaw: bigint
}

const addressOf = (n: number): Address => `0x${(0xacc0_0000 + n).toString(16).padStart(40, '0')}`
const rawOf = (amount: number, { token }: TapeAsset): bigint =>
  (BigInt(Math.round(amount * 1e6)) * 10n ** BigInt(Math.max(0, token.decimals - 6))) /
  10n ** BigInt(Math.max(0, 6 - token.decimals))

/**
 * Returns the borrowers of the tape. Of each group one falls below health factor 1 exactly at its step of the ether price
 * `stepsUsd`, halfway between two steps; interest of half an hour moves that by a thousandth of a step. All others keep a
 * health factor above 1.2 to the end.
 */
export const tapeAccounts = (
  count: number,
  flips: number,
  stepsUsd: readonly number[],
): {
  readonly accounts: readonly TapeAccount[]
  readonly fallsAt: readonly (readonly TapeAccount[])[]
} => {
  const random = seeded(20_230_817).unit
  const accounts: TapeAccount[] = []
  const fallsAt: TapeAccount[][] = stepsUsd.map(() => [])
  const steps = stepsUsd.length - 1
  const debts = ['USDC', 'USDC', 'USDT', 'DAI'].map(assetOf)
  const ether = assetOf('ETH')

  for (let n = 0; n < count; n++) {
    const owedUsd = 2_000 * (1 - random() * 0.999) ** (-1 / 1.1)
    const debt = debts[Math.floor(random() * debts.length)]!
    const isFaller = n < flips
    const step = 1 + (n % steps)
    const collateral = isFaller ? ether : assetOf(['ETH', 'BTC', 'LINK'][Math.floor(random() * 3)]!)
    const fallsBelowUsd = isFaller
      ? (stepsUsd[step - 1]! + stepsUsd[step]!) / 2
      : collateral.usd / (1.45 + 1.5 * random())
    const amount = owedUsd / (fallsBelowUsd * (collateral.threshold / 10_000))
    const account: TapeAccount = {
      address: addressOf(n),
      collateral,
      debt,
      suppliedRaw: rawOf(amount, collateral),
      owedRaw: rawOf(owedUsd, debt),
    }
    accounts.push(account)
    if (isFaller) fallsAt[step]!.push(account)
  }
  return { accounts, fallsAt }
}

/** The account's whole past. */
export const openingOf = ({
  address: account,
  collateral,
  debt,
  suppliedRaw,
  owedRaw,
}: TapeAccount): readonly Change[] => [
  {
    type: 'aave/scaled',
    side: 'supply',
    reserve: collateral.token.address,
    account,
    deltaRaw: raw(suppliedRaw),
  },
  { type: 'aave/collateral', reserve: collateral.token.address, account, enabled: true },
  {
    type: 'aave/scaled',
    side: 'debt',
    reserve: debt.token.address,
    account,
    deltaRaw: raw(owedRaw),
  },
]

/** A rival closes the account: all debt is repaid, and as much collateral seized as that and the bonus are worth. */
export const closingOf = (
  it: TapeAccount,
  collateralUsd: number,
  liquidator: Address,
  txHash: Hex,
): readonly Change[] => {
  const owedUsd = Number(it.owedRaw) / 10 ** it.debt.token.decimals
  const seized = (owedUsd * (it.collateral.bonus / 10_000)) / collateralUsd
  const seizedRaw = rawOf(
    Math.min(seized, (Number(it.suppliedRaw) / 10 ** it.collateral.token.decimals) * 0.99),
    it.collateral,
  )
  const reserves = { collateral: it.collateral.token.address, debt: it.debt.token.address }
  return [
    {
      type: 'aave/scaled',
      side: 'debt',
      reserve: reserves.debt,
      account: it.address,
      deltaRaw: raw(-it.owedRaw),
    },
    {
      type: 'aave/scaled',
      side: 'supply',
      reserve: reserves.collateral,
      account: it.address,
      deltaRaw: raw(-seizedRaw),
    },
    {
      type: 'aave/liquidation',
      account: it.address,
      ...reserves,
      repaidRaw: raw(it.owedRaw),
      seizedRaw: raw(seizedRaw),
      liquidator,
      txHash,
    },
  ]
}
