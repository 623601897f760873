// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAavePool} from "./interfaces/IAavePool.sol";
import {IERC20} from "./interfaces/IERC20.sol";
import {IUniswapV3Pool, IUniswapV3SwapCallback} from "./interfaces/IUniswapV3Pool.sol";
import {IWETH} from "./interfaces/IWETH.sol";
import {SafeToken} from "./libraries/SafeToken.sol";

/// @notice One position to close.
/// @dev A hop is `uint160 pool | (zeroForOne ? 1 << 255 : 0)`.
/// @param account Who owes.
/// @param collateral What is seized.
/// @param debt What is repaid.
/// @param repay How much of `debt` is repaid, exactly: Aave taking less reverts the item.
/// @param route Flash swap for exactly `repay`: the first pool pays out `debt`, the last takes `collateral`.
/// @param settle Sale of the collateral that is left into WETH; empty when it is WETH.
struct Item {
    address account;
    address collateral;
    address debt;
    uint256 repay;
    uint256[] route;
    uint256[] settle;
}

/// @title Executor
/// @notice Closes Aave V3 positions inside Uniswap V3 flash swaps and shares the profit, in WETH, between the block's
/// builder and the treasury; or reverts.
/// @dev Between two transactions it holds nothing and has approved nobody. Whatever is sent to it meanwhile is never
/// spent by `execute`: all amounts are differences of balances, and `rescue` sends it to the treasury.
contract Executor is IUniswapV3SwapCallback {
    using SafeToken for address;

    /* ERRORS */

    error NotOwner(address caller);
    error NotOperator(address caller);
    error NotSelf(address caller);
    error NotWeth(address sender);
    error ZeroAddress();
    error Reentered();
    error Expired(uint256 blockNumber, uint256 deadlineBlock);
    error BidTooHigh(uint256 bidBps);
    error NoRoute();
    error AmountTooLarge(uint256 amount);
    /// @notice A callback that nobody waits for: wrong caller, changed data, or a second time.
    error NotArmed(address caller);
    error NotCalledBack(address pool);
    error AsksTooMuch(address pool, uint256 owed, uint256 most);
    error Stranded(address token);
    error NotSettledInWeth(address token);
    error NoProfit(uint256 profit, uint256 minProfit);
    error BidRefused(address coinbase, uint256 bid);
    error RescueFailed(uint256 amount);

    /* EVENTS */

    event Liquidated(
        address indexed account,
        address indexed collateral,
        address indexed debt,
        uint256 repaid,
        uint256 seized,
        uint256 profit,
        uint256 bid
    );
    /// @notice An item was undone, for the reason that it reverted with; the others stand.
    event Failed(address indexed account, bytes reason);
    event OwnerSet(address indexed owner);
    event TreasurySet(address indexed treasury);
    event OperatorSet(address indexed operator, bool allowed);

    /* CONSTANTS */

    uint256 internal constant BPS = 10_000;
    uint256 internal constant ZERO_FOR_ONE = 1 << 255;
    /// @dev One inside Uniswap V3's `TickMath.MIN_SQRT_RATIO` and `MAX_SQRT_RATIO`: no limit but the pool's own.
    uint160 internal constant LOWEST_SQRT_PRICE = 4295128740;
    uint160 internal constant HIGHEST_SQRT_PRICE = 1461446703485210103287273052203988822378723970341;
    /// @dev Enough for a fee recipient that is a multisig behind a proxy, too little to make the transaction dear.
    uint256 internal constant BID_GAS = 50_000;
    /// @dev A sale's callback data is two words; a flash swap's is longer.
    uint256 internal constant SALE_LENGTH = 64;

    address public immutable WETH;
    IAavePool public immutable POOL;

    /* STORAGE */

    address public owner;
    address public treasury;
    mapping(address account => bool) public isOperator;

    /// @dev It is an invariant that all four are zero at the end of a transaction.
    bool internal transient executing;
    /// @dev The one pool that may call back, once, with the data that hashes to `armedHash`.
    address internal transient armedPool;
    bytes32 internal transient armedHash;
    uint256 internal transient seized;

    constructor(address _owner, address _treasury, address weth, address pool, address[] memory operators) {
        if (_owner == address(0) || _treasury == address(0) || weth == address(0) || pool == address(0)) {
            revert ZeroAddress();
        }
        WETH = weth;
        POOL = IAavePool(pool);
        owner = _owner;
        treasury = _treasury;
        emit OwnerSet(_owner);
        emit TreasurySet(_treasury);
        for (uint256 i; i < operators.length; ++i) _setOperator(operators[i], true);
    }

    /// @dev Only to unwrap the bid.
    receive() external payable {
        if (msg.sender != WETH) revert NotWeth(msg.sender);
    }

    modifier onlyOwner() {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        _;
    }

    /* OWNER */

    function transferOwnership(address newOwner) external onlyOwner {
        if (newOwner == address(0)) revert ZeroAddress();
        owner = newOwner;
        emit OwnerSet(newOwner);
    }

    function setTreasury(address newTreasury) external onlyOwner {
        if (newTreasury == address(0)) revert ZeroAddress();
        treasury = newTreasury;
        emit TreasurySet(newTreasury);
    }

    function setOperator(address operator, bool allowed) external onlyOwner {
        _setOperator(operator, allowed);
    }

    /// @notice Sends what strayed here to the treasury.
    /// @param token The zero address for ether.
    function rescue(address token, uint256 amount) external onlyOwner {
        if (token != address(0)) return token.give(treasury, amount);
        (bool success,) = treasury.call{value: amount}("");
        if (!success) revert RescueFailed(amount);
    }

    /* OPERATOR */

    /// @notice Closes `items` in order, each failing alone, and pays `bidBps` of each profit to the block's builder.
    /// @param minProfit The least WETH that all items together must gain, before the bid.
    /// @param deadlineBlock The last block in which this may happen.
    function execute(Item[] calldata items, uint256 bidBps, uint256 minProfit, uint256 deadlineBlock) external {
        if (!isOperator[msg.sender]) revert NotOperator(msg.sender);
        if (block.number > deadlineBlock) revert Expired(block.number, deadlineBlock);
        if (bidBps > BPS) revert BidTooHigh(bidBps);
        if (executing) revert Reentered();
        executing = true;

        uint256 profit;
        uint256 bid;
        for (uint256 i; i < items.length; ++i) {
            try this.executeItem(items[i], bidBps) returns (uint256 itemProfit, uint256 itemBid) {
                profit += itemProfit;
                bid += itemBid;
            } catch (bytes memory reason) {
                emit Failed(items[i].account, reason);
            }
        }
        if (profit == 0 || profit < minProfit) revert NoProfit(profit, minProfit);

        if (profit > bid) WETH.give(treasury, profit - bid);
        if (bid > 0) _payBuilder(bid);
        executing = false;
    }

    /// @notice Closes one position; called by `execute` alone, so that a failure undoes this position alone.
    function executeItem(Item calldata item, uint256 bidBps) external returns (uint256 profit, uint256 bid) {
        if (msg.sender != address(this)) revert NotSelf(msg.sender);
        if (item.route.length == 0) revert NoRoute();

        uint256 collateralBefore = item.collateral.held();
        bytes memory data = abi.encode(item, 0, item.debt.held(), collateralBefore);
        _swap(item.route[0], address(this), -_toInt(item.repay), data);
        uint256 taken = seized;
        seized = 0;

        profit = _settle(item.collateral, collateralBefore, item.settle);
        if (profit == 0) revert NoProfit(0, 1);
        bid = profit * bidBps / BPS;
        emit Liquidated(item.account, item.collateral, item.debt, item.repay, taken, profit, bid);
    }

    /* CALLBACK */

    /// @inheritdoc IUniswapV3SwapCallback
    /// @dev A negative amount becomes one that nobody holds, and is refused as such.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external {
        if (msg.sender != armedPool || keccak256(data) != armedHash) revert NotArmed(msg.sender);
        armedPool = address(0);
        uint256 owed = uint256(amount0Delta > 0 ? amount0Delta : amount1Delta);

        if (data.length == SALE_LENGTH) {
            (address token, uint256 amount) = abi.decode(data, (address, uint256));
            return _pay(token, owed, amount);
        }

        (Item memory item, uint256 hop, uint256 debtBefore, uint256 collateralBefore) =
            abi.decode(data, (Item, uint256, uint256, uint256));
        if (++hop < item.route.length) {
            bytes memory next = abi.encode(item, hop, debtBefore, collateralBefore);
            return _swap(item.route[hop], msg.sender, -_toInt(owed), next);
        }
        _liquidate(item, debtBefore, collateralBefore);
        _pay(item.collateral, owed, seized);
    }

    /* INTERNAL */

    function _setOperator(address operator, bool allowed) internal {
        if (operator == address(0)) revert ZeroAddress();
        isOperator[operator] = allowed;
        emit OperatorSet(operator, allowed);
    }

    /// @dev The allowance is exact, and gone afterwards. Debt that is left over means that Aave took less than was
    /// borrowed; debt that is missing means that the pool paid out less.
    function _liquidate(Item memory item, uint256 debtBefore, uint256 collateralBefore) internal {
        item.debt.allow(address(POOL), item.repay);
        POOL.liquidationCall(item.collateral, item.debt, item.account, item.repay, false);
        if (IERC20(item.debt).allowance(address(this), address(POOL)) != 0) item.debt.allow(address(POOL), 0);
        if (item.debt.held() != debtBefore) revert Stranded(item.debt);
        seized = item.collateral.held() - collateralBefore;
    }

    /// @dev Sells what is held of `token` above `before`, hop by hop, to the last unit.
    /// @return amount What was gained of WETH.
    function _settle(address token, uint256 before, uint256[] calldata hops) internal returns (uint256 amount) {
        amount = token.held() - before;
        for (uint256 i; i < hops.length; ++i) {
            IUniswapV3Pool pool = IUniswapV3Pool(address(uint160(hops[i])));
            address bought = hops[i] & ZERO_FOR_ONE != 0 ? pool.token1() : pool.token0();
            uint256 boughtBefore = bought.held();
            _swap(hops[i], address(this), _toInt(amount), abi.encode(token, amount));
            if (token.held() != before) revert Stranded(token);
            (token, before) = (bought, boughtBefore);
            amount = token.held() - before;
        }
        if (token != WETH) revert NotSettledInWeth(token);
    }

    /// @dev Arms the pool for one callback with `data`, which it must have used when the swap returns.
    function _swap(uint256 hop, address recipient, int256 amount, bytes memory data) internal {
        address pool = address(uint160(hop));
        bool zeroForOne = hop & ZERO_FOR_ONE != 0;
        armedPool = pool;
        armedHash = keccak256(data);
        IUniswapV3Pool(pool).swap(
            recipient, zeroForOne, amount, zeroForOne ? LOWEST_SQRT_PRICE : HIGHEST_SQRT_PRICE, data
        );
        if (armedPool != address(0)) revert NotCalledBack(pool);
        armedHash = 0;
    }

    /// @dev Pays the pool that is calling back.
    function _pay(address token, uint256 owed, uint256 most) internal {
        if (owed > most) revert AsksTooMuch(msg.sender, owed, most);
        token.give(msg.sender, owed);
    }

    /// @dev The fee recipient may be anyone's code: it comes last, finds nothing here and gets little gas.
    function _payBuilder(uint256 bid) internal {
        IWETH(WETH).withdraw(bid);
        (bool success,) = block.coinbase.call{value: bid, gas: BID_GAS}("");
        if (!success) revert BidRefused(block.coinbase, bid);
    }

    function _toInt(uint256 amount) internal pure returns (int256) {
        if (amount > uint256(type(int256).max)) revert AmountTooLarge(amount);
        return int256(amount);
    }
}
