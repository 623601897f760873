// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

interface ILendingPool {
    function liquidationCall(address collateral, address debt, address account, uint256 debtToCover, bool receiveAToken)
        external;
}

interface ISwapRouter {
    struct ExactInputParams {
        bytes path;
        address recipient;
        uint256 deadline;
        uint256 amountIn;
        uint256 amountOutMinimum;
    }

    struct ExactOutputParams {
        bytes path;
        address recipient;
        uint256 deadline;
        uint256 amountOut;
        uint256 amountInMaximum;
    }

    function exactInput(ExactInputParams calldata params) external payable returns (uint256 amountOut);
    function exactOutput(ExactOutputParams calldata params) external payable returns (uint256 amountIn);
}

interface IToken {
    function balanceOf(address account) external view returns (uint256);
}

/// @title BruteForce
/// @notice The judge's own way to close a position, apart from the Executor: it holds a large inventory, buys the debt
/// with collateral through Uniswap's SwapRouter, liquidates, sells what is left for WETH and tells the WETH gained.
/// It tries as many sizes as it is given on one state and undoes each.
contract BruteForce {
    struct Trial {
        address account;
        address collateral;
        address debt;
        uint256 repay;
        /// @dev Uniswap path from the debt back to the collateral, as `exactOutput` reads it.
        bytes buy;
        /// @dev Uniswap path from the collateral to WETH; empty when the collateral is WETH.
        bytes sell;
    }

    error Probed(int256 profit);

    ILendingPool public immutable pool;
    ISwapRouter public immutable router;
    address public immutable weth;

    constructor(address pool_, address router_, address weth_, address[] memory tokens) {
        pool = ILendingPool(pool_);
        router = ISwapRouter(router_);
        weth = weth_;
        for (uint256 i; i < tokens.length; ++i) {
            _approve(tokens[i], pool_);
            _approve(tokens[i], router_);
        }
    }

    /// @notice Runs trials one after the other and keeps their effects.
    function commit(Trial[] calldata trials) external returns (int256[] memory profits) {
        profits = new int256[](trials.length);
        for (uint256 i; i < trials.length; ++i) profits[i] = _run(trials[i]);
    }

    /// @notice Runs each trial on the same state; a trial that reverts has profit `type(int256).min`.
    function scan(Trial[] calldata trials) external returns (int256[] memory profits) {
        profits = new int256[](trials.length);
        for (uint256 i; i < trials.length; ++i) {
            try this.probe(trials[i]) {}
            catch (bytes memory reason) {
                profits[i] = type(int256).min;
                if (reason.length == 36 && bytes4(reason) == Probed.selector) {
                    int256 profit;
                    assembly {
                        profit := mload(add(reason, 36))
                    }
                    profits[i] = profit;
                }
            }
        }
    }

    /// @notice Runs one trial and reverts with its profit.
    function probe(Trial calldata trial) external {
        revert Probed(_run(trial));
    }

    function _run(Trial calldata trial) private returns (int256) {
        uint256 wethBefore = IToken(weth).balanceOf(address(this));
        uint256 collateralBefore = IToken(trial.collateral).balanceOf(address(this));
        router.exactOutput(
            ISwapRouter.ExactOutputParams({
                path: trial.buy,
                recipient: address(this),
                deadline: block.timestamp,
                amountOut: trial.repay,
                amountInMaximum: type(uint256).max
            })
        );
        pool.liquidationCall(trial.collateral, trial.debt, trial.account, trial.repay, false);
        uint256 collateralAfter = IToken(trial.collateral).balanceOf(address(this));
        if (trial.sell.length != 0) {
            if (collateralAfter <= collateralBefore) return -1;
            router.exactInput(
                ISwapRouter.ExactInputParams({
                    path: trial.sell,
                    recipient: address(this),
                    deadline: block.timestamp,
                    amountIn: collateralAfter - collateralBefore,
                    amountOutMinimum: 0
                })
            );
        }
        return int256(IToken(weth).balanceOf(address(this))) - int256(wethBefore);
    }

    function _approve(address token, address spender) private {
        (bool done,) =
            token.call(abi.encodeWithSignature("approve(address,uint256)", spender, type(uint256).max));
        require(done);
    }
}
