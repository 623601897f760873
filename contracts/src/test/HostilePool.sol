// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "../interfaces/IERC20.sol";
import {IUniswapV3SwapCallback} from "../interfaces/IUniswapV3Pool.sol";

/// @title HostilePool
/// @notice Looks like a Uniswap V3 pool, pays from what it holds, and misbehaves when told to.
contract HostilePool {
    enum Manner {
        Honest,
        /// @dev Calls back a second time, with the same data.
        CallsTwice,
        /// @dev Asks for all that the executor may have.
        AsksTooMuch,
        /// @dev Asks for all but one unit.
        AsksLess,
        /// @dev Calls back with what it paid alone, as if it were owed a negative amount.
        AsksNegative,
        /// @dev Never calls back.
        Silent,
        /// @dev Calls back with other data.
        ChangesData,
        /// @dev Takes the payment of a sale and pays nothing.
        PaysNothing,
        /// @dev Pays all but one unit.
        PaysShort
    }

    address public immutable token0;
    address public immutable token1;
    Manner public manner;
    /// @notice What is asked for an exact output, and paid for an exact input.
    uint256 public price;

    constructor(address _token0, address _token1) {
        (token0, token1) = (_token0, _token1);
    }

    function behave(Manner _manner, uint256 _price) external {
        (manner, price) = (_manner, _price);
    }

    function swap(address recipient, bool zeroForOne, int256 amount, uint160, bytes calldata data)
        external
        returns (int256, int256)
    {
        uint256 paid = amount < 0 ? uint256(-amount) : price;
        uint256 asked = amount < 0 ? price : uint256(amount);
        if (manner == Manner.PaysNothing) paid = 0;
        if (manner == Manner.PaysShort) paid -= 1;
        if (manner == Manner.AsksTooMuch) asked = uint256(type(int256).max);
        if (manner == Manner.AsksLess) asked -= 1;

        if (paid > 0) IERC20(zeroForOne ? token1 : token0).transfer(recipient, paid);
        bytes memory given = data;
        if (manner == Manner.ChangesData) given[given.length - 1] ^= 0x01;
        if (manner != Manner.Silent) _callBack(zeroForOne, asked, paid, given);
        if (manner == Manner.CallsTwice) _callBack(zeroForOne, asked, paid, given);
        return (0, 0);
    }

    function _callBack(bool zeroForOne, uint256 asked, uint256 paid, bytes memory data) private {
        int256 owed = manner == Manner.AsksNegative ? -int256(asked) : int256(asked);
        (int256 delta0, int256 delta1) = zeroForOne ? (owed, -int256(paid)) : (-int256(paid), owed);
        IUniswapV3SwapCallback(msg.sender).uniswapV3SwapCallback(delta0, delta1, data);
    }
}
