/**
 * Mainnet's risk parameters of a reserve as they stood on 2023-10-31 (bgd-labs/aave-proposals-v3@ff6a99c, snapshot of
 * AaveV3Ethereum: getReserveConfigurationData and the getters of each interest strategy).
 */
export interface ReserveParameters {
  /** Place in mainnet's listing order, which decides the addresses of the aToken and the debt tokens. */
  readonly listing: number
  readonly ltvBps: number
  readonly liquidationThresholdBps: number
  readonly liquidationBonusBps: number
  readonly protocolFeeBps: number
  readonly reserveFactorBps: number
  /** Of DefaultReserveInterestRateStrategy; the base variable rate is zero for all of them. */
  readonly rates: {
    readonly optimalUsageBps: number
    readonly slope1Bps: number
    readonly slope2Bps: number
    readonly baseStableBps: number
    readonly stableSlope1Bps: number
    readonly stableSlope2Bps: number
  }
}

/** Parameters by token symbol. */
export const parameters: Readonly<Record<string, ReserveParameters>> = {
  WETH: {
    listing: 0,
    ltvBps: 8_050,
    liquidationThresholdBps: 8_300,
    liquidationBonusBps: 10_500,
    protocolFeeBps: 1_000,
    reserveFactorBps: 1_500,
    rates: {
      optimalUsageBps: 8_000,
      slope1Bps: 280,
      slope2Bps: 8_000,
      baseStableBps: 580,
      stableSlope1Bps: 400,
      stableSlope2Bps: 8_000,
    },
  },
  WBTC: {
    listing: 2,
    ltvBps: 7_300,
    liquidationThresholdBps: 7_800,
    liquidationBonusBps: 10_500,
    protocolFeeBps: 1_000,
    reserveFactorBps: 2_000,
    rates: {
      optimalUsageBps: 4_500,
      slope1Bps: 400,
      slope2Bps: 30_000,
      baseStableBps: 600,
      stableSlope1Bps: 700,
      stableSlope2Bps: 30_000,
    },
  },
  USDC: {
    listing: 3,
    ltvBps: 7_700,
    liquidationThresholdBps: 8_000,
    liquidationBonusBps: 10_450,
    protocolFeeBps: 2_000,
    reserveFactorBps: 1_000,
    rates: {
      optimalUsageBps: 9_000,
      slope1Bps: 350,
      slope2Bps: 6_000,
      baseStableBps: 450,
      stableSlope1Bps: 50,
      stableSlope2Bps: 6_000,
    },
  },
  DAI: {
    listing: 4,
    ltvBps: 7_700,
    liquidationThresholdBps: 8_000,
    liquidationBonusBps: 10_500,
    protocolFeeBps: 2_000,
    reserveFactorBps: 1_000,
    rates: {
      optimalUsageBps: 9_000,
      slope1Bps: 500,
      slope2Bps: 7_500,
      baseStableBps: 600,
      stableSlope1Bps: 50,
      stableSlope2Bps: 7_500,
    },
  },
  LINK: {
    listing: 5,
    ltvBps: 5_300,
    liquidationThresholdBps: 6_800,
    liquidationBonusBps: 10_700,
    protocolFeeBps: 1_000,
    reserveFactorBps: 2_000,
    rates: {
      optimalUsageBps: 4_500,
      slope1Bps: 700,
      slope2Bps: 30_000,
      baseStableBps: 900,
      stableSlope1Bps: 700,
      stableSlope2Bps: 30_000,
    },
  },
  USDT: {
    listing: 8,
    ltvBps: 7_400,
    liquidationThresholdBps: 7_600,
    liquidationBonusBps: 10_450,
    protocolFeeBps: 1_000,
    reserveFactorBps: 1_000,
    rates: {
      optimalUsageBps: 8_000,
      slope1Bps: 400,
      slope2Bps: 7_500,
      baseStableBps: 500,
      stableSlope1Bps: 400,
      stableSlope2Bps: 7_200,
    },
  },
}
