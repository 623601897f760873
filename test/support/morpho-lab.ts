import { createRequire } from 'node:module'
import {
  type Abi,
  encodeAbiParameters,
  encodeDeployData,
  getAddress,
  keccak256,
  parseAbiParameters,
  zeroAddress,
} from 'viem'
import type { Address, Hex } from '../../core/types/chain.ts'
import type { MorphoAddresses } from '../../protocols/morpho-blue/read.ts'
import { artifact } from '../../sandbox/chain/artifacts.ts'
import { encode } from './aave-lab.ts'
import { type LabChain, type LabTx, startLabChain } from './lab-chain.ts'

interface Factory {
  readonly abi: Abi
  readonly bytecode: Hex
}

export interface LabToken {
  readonly symbol: string
  readonly decimals: number
  readonly usd: number
  readonly address: Address
}

export interface MorphoParams {
  readonly loanToken: Address
  readonly collateralToken: Address
  readonly oracle: Address
  readonly irm: Address
  readonly lltv: bigint
}

export interface LabMarket {
  readonly id: Hex
  readonly params: MorphoParams
  readonly loan: LabToken
  readonly collateral: LabToken
  /** What one collateral is worth in loans, with 36 decimals, when the lab begins. */
  readonly startPriceRaw: bigint
}

/** Morpho Blue and its rate model from the genuine bytecode at mainnet's addresses, with oracles that the test sets. */
export interface MorphoLab extends MorphoAddresses {
  readonly chain: LabChain
  readonly abi: Abi
  readonly owner: Address
  readonly markets: readonly LabMarket[]
  readonly setPrice: (market: LabMarket, priceRaw: bigint) => LabTx
}

const PACK = '@morpho-org/morpho-blue-bundlers/types/factories'
const MORPHO: Address = '0xBBBBBbbBBb9cC5e90e3b3Af64bdAF62C37EEFFCb'
const ADAPTIVE_CURVE_IRM: Address = '0x870aC11D48B15DB9a138Cf899d20F13F79Ba00BC'
const owner: Address = '0x00000000000000000000000000000000000ad319'

const require = createRequire(import.meta.url)

const factory = (path: string): Factory => {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const made = require(`${PACK}/${path}__factory.js`) as Readonly<Record<string, Factory>>
  return made[`${name}__factory`]!
}

const isInstalled = (): boolean => {
  try {
    return require.resolve(`${PACK}/lib/morpho-blue/src/Morpho__factory.js`) !== ''
  } catch (thrown) {
    return (thrown as { readonly code?: string }).code !== 'MODULE_NOT_FOUND'
  }
}

/** False where the package with the genuine bytecode is not installed. */
export const hasMorpho = isInstalled()

/** What a test adds to its name when it is skipped. */
export const skippedWithoutMorpho = hasMorpho
  ? ''
  : ' (skipped: install @morpho-org/morpho-blue-bundlers 1.1.2)'

const tokenAbi = artifact('@aave/core-v3', 'mocks/tokens/MintableERC20').abi
export const mintAbi = tokenAbi

/** Chosen for what rounds badly: few and many decimals on either side. */
const tokens = [
  { symbol: 'WETH', decimals: 18, usd: 1843.27 },
  { symbol: 'STETH', decimals: 18, usd: 1911.11 },
  { symbol: 'USDC', decimals: 6, usd: 1.0001 },
  { symbol: 'DAI', decimals: 18, usd: 0.9998 },
  { symbol: 'WBTC', decimals: 8, usd: 34567.89 },
  { symbol: 'GUSD', decimals: 2, usd: 1.0003 },
  { symbol: 'FINE', decimals: 24, usd: 7.77 },
] as const

/** The lowest thresholds meet the cap of the incentive; the last market has no rate model. */
const pairs = [
  { loan: 'USDC', collateral: 'WETH', lltv: 860n, isAdaptive: true },
  { loan: 'DAI', collateral: 'WBTC', lltv: 770n, isAdaptive: true },
  { loan: 'GUSD', collateral: 'FINE', lltv: 385n, isAdaptive: true },
  { loan: 'WETH', collateral: 'STETH', lltv: 945n, isAdaptive: true },
  { loan: 'WBTC', collateral: 'USDC', lltv: 625n, isAdaptive: true },
  { loan: 'USDC', collateral: 'DAI', lltv: 915n, isAdaptive: false },
] as const

export const startMorphoLab = async (): Promise<MorphoLab> => {
  const chain = await startLabChain()
  const { rpc } = chain.anvil
  const morpho = factory('lib/morpho-blue/src/Morpho')
  const irm = factory('lib/morpho-blue-irm/src/adaptive-curve-irm/AdaptiveCurveIrm')
  const oracle = factory('src/mocks/OracleMock')

  const run = async (txs: readonly LabTx[]): Promise<readonly Address[]> => {
    const { receipts } = await chain.mine(txs, 1)
    const failed = receipts.findIndex(({ status }) => status !== '0x1')
    if (failed !== -1) throw new RangeError(`set-up step ${failed}`)
    return receipts.map(({ contractAddress }) => getAddress(contractAddress ?? zeroAddress))
  }
  const create = (made: Factory, args: readonly unknown[] = []): LabTx => ({
    from: owner,
    to: undefined,
    data: encodeDeployData({ ...made, args: [...args] }),
  })
  const call = (functionName: string, args: readonly unknown[]): LabTx => ({
    from: owner,
    to: MORPHO,
    data: encode(morpho.abi, functionName, args),
  })
  // The constructor runs where mainnet has the contract: its code there is called once, for what it returns and writes.
  const construct = async (address: Address, made: Factory, args: readonly unknown[]) => {
    await rpc.call('anvil_setCode', [address, create(made, args).data])
    const code = await rpc.call<Hex>('eth_call', [{ from: owner, to: address }, 'latest'])
    await run([{ from: owner, to: address, data: '0x' }])
    await rpc.call('anvil_setCode', [address, code])
  }

  await construct(MORPHO, morpho, [owner])
  await construct(ADAPTIVE_CURVE_IRM, irm, [MORPHO])
  const mintable = artifact('@aave/core-v3', 'mocks/tokens/MintableERC20')
  const at = await run([
    ...tokens.map(({ symbol, decimals }) => create(mintable, [symbol, symbol, decimals])),
    ...pairs.map(() => create(oracle)),
  ])
  const labTokens: readonly LabToken[] = tokens.map((token, n) => ({ ...token, address: at[n]! }))
  const tokenOf = (name: string): LabToken => labTokens.find(({ symbol }) => symbol === name)!
  const markets = pairs.map(({ loan, collateral, lltv, isAdaptive }, n): LabMarket => {
    const [lent, held] = [tokenOf(loan), tokenOf(collateral)]
    const params = {
      loanToken: lent.address,
      collateralToken: held.address,
      oracle: at[tokens.length + n]!,
      irm: isAdaptive ? ADAPTIVE_CURVE_IRM : zeroAddress,
      lltv: lltv * 10n ** 15n,
    }
    const id = keccak256(
      encodeAbiParameters(parseAbiParameters('address, address, address, address, uint256'), [
        params.loanToken,
        params.collateralToken,
        params.oracle,
        params.irm,
        params.lltv,
      ]),
    )
    const scale = 10n ** BigInt(36 + lent.decimals - held.decimals)
    const startPriceRaw = (BigInt(Math.round((held.usd / lent.usd) * 1e12)) * scale) / 10n ** 12n
    return { id, params, loan: lent, collateral: held, startPriceRaw }
  })
  const setPrice = ({ params }: LabMarket, priceRaw: bigint): LabTx => ({
    from: owner,
    to: params.oracle,
    data: encode(oracle.abi, 'setPrice', [priceRaw]),
  })
  await run([
    ...markets.map((market) => setPrice(market, market.startPriceRaw)),
    call('enableIrm', [ADAPTIVE_CURVE_IRM]),
    call('enableIrm', [zeroAddress]),
    ...markets.map(({ params }) => call('enableLltv', [params.lltv])),
  ])
  return {
    chain,
    abi: morpho.abi,
    morpho: MORPHO,
    adaptiveCurveIrm: ADAPTIVE_CURVE_IRM,
    owner,
    markets,
    setPrice,
  }
}
