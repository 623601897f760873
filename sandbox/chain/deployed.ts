import type { Address } from '../../core/types/chain.ts'
import type { ReserveTokens } from './aave.ts'
import type { OpenedFeed } from './aggregators.ts'
import type { Asset } from './mainnet.ts'

/** An asset of the deployed world: its token, its reserve's tokens and its feed. */
export interface DeployedAsset extends Asset, ReserveTokens, OpenedFeed {
  readonly asset: string
  readonly proxy: Address
}

/** A pool of the deployed world, in the order of its tokens' addresses. */
export interface DeployedPool {
  readonly address: Address
  readonly token0: Asset
  readonly token1: Asset
  readonly feePips: number
  readonly tickSpacing: number
  /** Whether the scenario has it traded back to the price path. */
  readonly follows: boolean
}

/** An amount of a token that a borrower supplied or owes when its position was opened. */
export interface DeployedHolding {
  readonly symbol: string
  readonly token: Address
  readonly amountRaw: bigint
}

/** A borrower of the deployed world. */
export interface DeployedBorrower {
  readonly address: Address
  readonly collateral: readonly DeployedHolding[]
  readonly debt: readonly DeployedHolding[]
}

/** The mainnet-shaped world as it stands in the block before the scenario's first. */
export interface Deployed {
  readonly addresses: {
    readonly poolAddressesProvider: Address
    readonly pool: Address
    readonly poolConfigurator: Address
    readonly aaveOracle: Address
    readonly protocolDataProvider: Address
    readonly uniswapV3Factory: Address
    readonly quoterV2: Address
    readonly swapRouter: Address
    readonly nonfungiblePositionManager: Address
    readonly multicall3: Address
    readonly executor: Address
  }
  /** By token symbol. */
  readonly assets: Readonly<Record<string, DeployedAsset>>
  readonly pools: readonly DeployedPool[]
  readonly borrowers: readonly DeployedBorrower[]
  readonly head: { readonly number: number; readonly timestampSec: number }
  readonly counts: {
    readonly blocks: number
    readonly transactions: number
    readonly gas: number
  }
  /** Wall time of each step, in milliseconds. */
  readonly timingsMs: Readonly<Record<string, number>>
}
