import type { Address } from '../../core/types/chain.ts'

/** Where mainnet has the contracts that the sandbox constructs in place (Aave address book, Uniswap's deployments). */
export const mainnet = {
  poolAddressesProvider: '0x2f39d218133AFaB8F2B819B1066c7E434Ad94E9e',
  /** Created by the provider: its first contract. */
  pool: '0x87870Bca3F3fD6335C3F4ce8392D69350B4fA4E2',
  /** Created by the provider: its second contract. */
  poolConfigurator: '0x64b761D848206f447Fe2dd461b0c635Ec39EbB27',
  aaveOracle: '0x54586bE62E3c3580375aE3723C145253060Ca0C2',
  protocolDataProvider: '0x7B4EB56E7CD4b454BA8ff71E4518426369a138a3',
  /** The collector of Aave's share; an account without code here. */
  collector: '0x464C71f6c2F760DdA6093dCB91C24c39e5d6e18c',
  uniswapV3Factory: '0x1F98431c8aD98523631AE4a59f267346ea31F984',
  quoterV2: '0x61fFE014bA17989E743c5F6cB21bF9697530B21e',
  swapRouter: '0xE592427A0AEce92De3Edee1F18E0157C05861564',
  nonfungiblePositionManager: '0xC36442b4a4522E871399CD717aBDD847Ab11FE88',
  /** Draws the tokens of the position manager; an account without code here. */
  positionDescriptor: '0x91ae842A5Ffd8d12023116943e72A606179294f3',
  multicall3: '0xcA11bde05977b3631167028862bE2a173976CA11',
} as const satisfies Record<string, Address>

/** An asset of the sandbox: its token, and the feed that Aave's oracle reads for it. */
export interface Asset {
  /** As prices and oracles call it: ETH where the token is WETH. */
  readonly asset: string
  readonly symbol: string
  readonly name: string
  readonly decimals: number
  readonly token: Address
  /** The proxy of the feed in dollars, eight decimals. */
  readonly proxy: Address
}

/** All assets that a scenario may name, in the order in which mainnet's market lists them. */
export const assets: readonly Asset[] = [
  {
    asset: 'ETH',
    symbol: 'WETH',
    name: 'Wrapped Ether',
    decimals: 18,
    token: '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2',
    proxy: '0x5f4eC3Df9cbd43714FE2740f5E3616155c5b8419',
  },
  {
    asset: 'BTC',
    symbol: 'WBTC',
    name: 'Wrapped BTC',
    decimals: 8,
    token: '0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599',
    proxy: '0xF4030086522a5bEEa4988F8cA5B36dbC97BeE88c',
  },
  {
    asset: 'USDC',
    symbol: 'USDC',
    name: 'USD Coin',
    decimals: 6,
    token: '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48',
    proxy: '0x8fFfFfd4AfB6115b954Bd326cbe7B4BA576818f6',
  },
  {
    asset: 'DAI',
    symbol: 'DAI',
    name: 'Dai Stablecoin',
    decimals: 18,
    token: '0x6B175474E89094C44Da98b954EedeAC495271d0F',
    proxy: '0xAed0c38402a5d19df6E4c03F4E2DceD6e29c1ee9',
  },
  {
    asset: 'LINK',
    symbol: 'LINK',
    name: 'ChainLink Token',
    decimals: 18,
    token: '0x514910771AF9Ca656af840dff83E8264EcF986CA',
    proxy: '0x2c1d072e956AFFC0D435Cb7AC38EF18d24d9127c',
  },
  {
    asset: 'USDT',
    symbol: 'USDT',
    name: 'Tether USD',
    decimals: 6,
    token: '0xdAC17F958D2ee523a2206206994597C13D831ec7',
    proxy: '0x3E7d1eAB13ad0104d2750B8863b489D65364e32D',
  },
]
