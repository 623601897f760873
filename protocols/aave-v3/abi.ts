import { parseAbi } from 'viem'

/** What a reading asks of the pool, its addresses provider, its oracle, its tokens and their feeds (core-v3 1.19.3; aave-v3-origin 3.3 to 3.7). */
export const readAbi = parseAbi([
  'struct ReserveConfigurationMap { uint256 data; }',
  'struct ReserveData { ReserveConfigurationMap configuration; uint128 liquidityIndex; uint128 currentLiquidityRate; uint128 variableBorrowIndex; uint128 currentVariableBorrowRate; uint128 currentStableBorrowRate; uint40 lastUpdateTimestamp; uint16 id; address aTokenAddress; address stableDebtTokenAddress; address variableDebtTokenAddress; address interestRateStrategyAddress; uint128 accruedToTreasury; uint128 unbacked; uint128 isolationModeTotalDebt; }',
  'struct EModeCategory { uint16 ltv; uint16 liquidationThreshold; uint16 liquidationBonus; address priceSource; string label; }',
  'function POOL_REVISION() view returns (uint256)',
  'function ADDRESSES_PROVIDER() view returns (address)',
  'function getReservesList() view returns (address[])',
  'function getReserveData(address asset) view returns (ReserveData)',
  'function getEModeCategoryData(uint8 id) view returns (EModeCategory)',
  'struct CollateralConfig { uint16 ltv; uint16 liquidationThreshold; uint16 liquidationBonus; }',
  'function getEModeCategoryCollateralConfig(uint8 id) view returns (CollateralConfig)',
  'function getEModeCategoryCollateralBitmap(uint8 id) view returns (uint128)',
  'function getLiquidationGracePeriod(address asset) view returns (uint40)',
  'function getVirtualUnderlyingBalance(address asset) view returns (uint128)',
  'function getPriceOracle() view returns (address)',
  'function getPriceOracleSentinel() view returns (address)',
  'function getPoolConfigurator() view returns (address)',
  'function BASE_CURRENCY_UNIT() view returns (uint256)',
  'function getSourceOfAsset(address asset) view returns (address)',
  'function aggregator() view returns (address)',
  'function symbol() view returns (string)',
])

/** Events that change what the book holds of a reserve or an account (core-v3 1.19.3). */
export const eventAbi = parseAbi([
  'event ReserveDataUpdated(address indexed reserve, uint256 liquidityRate, uint256 stableBorrowRate, uint256 variableBorrowRate, uint256 liquidityIndex, uint256 variableBorrowIndex)',
  'event ReserveUsedAsCollateralEnabled(address indexed reserve, address indexed user)',
  'event ReserveUsedAsCollateralDisabled(address indexed reserve, address indexed user)',
  'event UserEModeSet(address indexed user, uint8 categoryId)',
  'event LiquidationCall(address indexed collateralAsset, address indexed debtAsset, address indexed user, uint256 debtToCover, uint256 liquidatedCollateralAmount, address liquidator, bool receiveAToken)',
  'event Mint(address indexed caller, address indexed onBehalfOf, uint256 value, uint256 balanceIncrease, uint256 index)',
  'event Burn(address indexed from, address indexed target, uint256 value, uint256 balanceIncrease, uint256 index)',
  'event BalanceTransfer(address indexed from, address indexed to, uint256 value, uint256 index)',
])

/** The mint of a stable debt token, which bears the same name with other fields. */
export const stableMintAbi = parseAbi([
  'event Mint(address indexed user, address indexed onBehalfOf, uint256 amount, uint256 currentBalance, uint256 balanceIncrease, uint256 newRate, uint256 avgStableRate, uint256 newTotalSupply)',
])

/** Events after which the market must be read anew: of the configurator, the addresses provider and the price oracle. */
export const configurationAbi = parseAbi([
  'event ReserveInitialized(address indexed asset, address indexed aToken, address stableDebtToken, address variableDebtToken, address interestRateStrategyAddress)',
  'event ReserveDropped(address indexed asset)',
  'event ReserveActive(address indexed asset, bool active)',
  'event ReservePaused(address indexed asset, bool paused)',
  'event CollateralConfigurationChanged(address indexed asset, uint256 ltv, uint256 liquidationThreshold, uint256 liquidationBonus)',
  'event LiquidationProtocolFeeChanged(address indexed asset, uint256 oldFee, uint256 newFee)',
  'event EModeCategoryAdded(uint8 indexed categoryId, uint256 ltv, uint256 liquidationThreshold, uint256 liquidationBonus, address oracle, string label)',
  'event EModeAssetCategoryChanged(address indexed asset, uint8 oldCategoryId, uint8 newCategoryId)',
  'event AssetCollateralInEModeChanged(address indexed asset, uint8 categoryId, bool collateral)',
  'event LiquidationGracePeriodChanged(address indexed asset, uint40 gracePeriodUntil)',
  'event LiquidationGracePeriodDisabled(address indexed asset)',
  'event ATokenUpgraded(address indexed asset, address indexed proxy, address indexed implementation)',
  'event StableDebtTokenUpgraded(address indexed asset, address indexed proxy, address indexed implementation)',
  'event VariableDebtTokenUpgraded(address indexed asset, address indexed proxy, address indexed implementation)',
  'event PoolUpdated(address indexed oldAddress, address indexed newAddress)',
  'event PoolConfiguratorUpdated(address indexed oldAddress, address indexed newAddress)',
  'event PriceOracleUpdated(address indexed oldAddress, address indexed newAddress)',
  'event PriceOracleSentinelUpdated(address indexed oldAddress, address indexed newAddress)',
  'event AssetSourceUpdated(address indexed asset, address indexed source)',
  'event FallbackOracleUpdated(address indexed fallbackOracle)',
])
