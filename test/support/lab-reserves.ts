/** One reserve of the market that the differential tests deploy. */
export interface LabReserve {
  readonly symbol: string
  readonly decimals: number
  readonly usd: number
  readonly ltv: number
  readonly threshold: number
  readonly bonus: number
  readonly fee: number
  readonly category: number
}

/** Chosen for what rounds badly: few and many decimals, odd fees and bonuses, one without a fee. */
export const labReserves: readonly LabReserve[] = [
  {
    symbol: 'WETH',
    decimals: 18,
    usd: 1843.27,
    ltv: 8000,
    threshold: 8250,
    bonus: 10500,
    fee: 1000,
    category: 1,
  },
  {
    symbol: 'STETH',
    decimals: 18,
    usd: 2101.11,
    ltv: 6900,
    threshold: 7900,
    bonus: 10700,
    fee: 1000,
    category: 1,
  },
  {
    symbol: 'USDC',
    decimals: 6,
    usd: 1.0001,
    ltv: 8000,
    threshold: 8500,
    bonus: 10450,
    fee: 1000,
    category: 2,
  },
  {
    symbol: 'DAI',
    decimals: 18,
    usd: 0.9998,
    ltv: 7700,
    threshold: 8000,
    bonus: 10400,
    fee: 0,
    category: 2,
  },
  {
    symbol: 'WBTC',
    decimals: 8,
    usd: 34567.89,
    ltv: 7300,
    threshold: 7801,
    bonus: 11033,
    fee: 1117,
    category: 0,
  },
  {
    symbol: 'GUSD',
    decimals: 2,
    usd: 1.0003,
    ltv: 5500,
    threshold: 6007,
    bonus: 11500,
    fee: 2000,
    category: 0,
  },
  {
    symbol: 'FINE',
    decimals: 24,
    usd: 7.77,
    ltv: 4500,
    threshold: 5001,
    bonus: 10801,
    fee: 501,
    category: 0,
  },
]

/** Category 1 is priced by a source of its own; category 2 is not. */
export const labCategories = [
  { id: 1, ltv: 9000, threshold: 9300, bonus: 10100, sourceUsd: 1850.01 },
  { id: 2, ltv: 9300, threshold: 9500, bonus: 10217, sourceUsd: undefined },
] as const
