import { parseAbi } from 'viem'

/** What a reading asks of Morpho (morpho-blue 1.0.0), its rate model, the tokens and the PreLiquidation contracts (9e8b7f42). */
export const readAbi = parseAbi([
  'struct PreLiquidationParams { uint256 preLltv; uint256 preLCF1; uint256 preLCF2; uint256 preLIF1; uint256 preLIF2; address preLiquidationOracle; }',
  'function idToMarketParams(bytes32 id) view returns (address loanToken, address collateralToken, address oracle, address irm, uint256 lltv)',
  'function market(bytes32 id) view returns (uint128 totalSupplyAssets, uint128 totalSupplyShares, uint128 totalBorrowAssets, uint128 totalBorrowShares, uint128 lastUpdate, uint128 fee)',
  'function position(bytes32 id, address user) view returns (uint256 supplyShares, uint128 borrowShares, uint128 collateral)',
  'function isAuthorized(address authorizer, address authorized) view returns (bool)',
  'function rateAtTarget(bytes32 id) view returns (int256)',
  'function MORPHO() view returns (address)',
  'function ID() view returns (bytes32)',
  'function preLiquidationParams() view returns (PreLiquidationParams)',
  'function symbol() view returns (string)',
  'function decimals() view returns (uint8)',
])

/** What a reading asks of a MorphoChainlinkOracleV2 (morpho-blue-oracles e32d8902), its vaults and its feeds. */
export const oracleAbi = parseAbi([
  'function BASE_VAULT() view returns (address)',
  'function BASE_VAULT_CONVERSION_SAMPLE() view returns (uint256)',
  'function BASE_FEED_1() view returns (address)',
  'function BASE_FEED_2() view returns (address)',
  'function QUOTE_VAULT() view returns (address)',
  'function QUOTE_VAULT_CONVERSION_SAMPLE() view returns (uint256)',
  'function QUOTE_FEED_1() view returns (address)',
  'function QUOTE_FEED_2() view returns (address)',
  'function SCALE_FACTOR() view returns (uint256)',
  'function price() view returns (uint256)',
  'function convertToAssets(uint256 shares) view returns (uint256)',
  'function decimals() view returns (uint8)',
  'function latestRoundData() view returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)',
  'function aggregator() view returns (address)',
])

/** Events of Morpho that change a market, a position or who may act for it (morpho-blue 1.0.0); the others change neither. */
export const morphoEventAbi = parseAbi([
  'struct MarketParams { address loanToken; address collateralToken; address oracle; address irm; uint256 lltv; }',
  'event CreateMarket(bytes32 indexed id, MarketParams marketParams)',
  'event SetFee(bytes32 indexed id, uint256 newFee)',
  'event AccrueInterest(bytes32 indexed id, uint256 prevBorrowRate, uint256 interest, uint256 feeShares)',
  'event Supply(bytes32 indexed id, address indexed caller, address indexed onBehalf, uint256 assets, uint256 shares)',
  'event Withdraw(bytes32 indexed id, address caller, address indexed onBehalf, address indexed receiver, uint256 assets, uint256 shares)',
  'event Borrow(bytes32 indexed id, address caller, address indexed onBehalf, address indexed receiver, uint256 assets, uint256 shares)',
  'event Repay(bytes32 indexed id, address indexed caller, address indexed onBehalf, uint256 assets, uint256 shares)',
  'event SupplyCollateral(bytes32 indexed id, address indexed caller, address indexed onBehalf, uint256 assets)',
  'event WithdrawCollateral(bytes32 indexed id, address caller, address indexed onBehalf, address indexed receiver, uint256 assets)',
  'event Liquidate(bytes32 indexed id, address indexed caller, address indexed borrower, uint256 repaidAssets, uint256 repaidShares, uint256 seizedAssets, uint256 badDebtAssets, uint256 badDebtShares)',
  'event SetAuthorization(address indexed caller, address indexed authorizer, address indexed authorized, bool newIsAuthorized)',
])

/** The event of AdaptiveCurveIrm (morpho-blue-irm a1a87fd5). */
export const rateEventAbi = parseAbi([
  'event BorrowRateUpdate(bytes32 indexed id, uint256 avgBorrowRate, uint256 rateAtTarget)',
])

/** The event of PreLiquidationFactory (pre-liquidation 9e8b7f42). */
export const factoryEventAbi = parseAbi([
  'struct PreLiquidationParams { uint256 preLltv; uint256 preLCF1; uint256 preLCF2; uint256 preLIF1; uint256 preLIF2; address preLiquidationOracle; }',
  'event CreatePreLiquidation(address indexed preLiquidation, bytes32 id, PreLiquidationParams preLiquidationParams)',
])
