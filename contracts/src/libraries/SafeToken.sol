// SPDX-License-Identifier: MIT
pragma solidity ^0.8.0;

import {IERC20} from "../interfaces/IERC20.sol";

/// @title SafeToken
/// @notice ERC-20 calls that accept tokens which return nothing (USDT) and refuse those which return false.
library SafeToken {
    error NoToken(address token);
    error TransferRefused(address token);
    error ApproveRefused(address token);

    function held(address token) internal view returns (uint256) {
        return IERC20(token).balanceOf(address(this));
    }

    function give(address token, address to, uint256 amount) internal {
        if (!_call(token, abi.encodeCall(IERC20.transfer, (to, amount)))) revert TransferRefused(token);
    }

    function allow(address token, address spender, uint256 amount) internal {
        if (!_call(token, abi.encodeCall(IERC20.approve, (spender, amount)))) revert ApproveRefused(token);
    }

    /// @dev A call to an account without code succeeds and returns nothing, so code is asked for.
    function _call(address token, bytes memory data) private returns (bool) {
        if (token.code.length == 0) revert NoToken(token);
        (bool success, bytes memory result) = token.call(data);
        return success && (result.length == 0 || abi.decode(result, (bool)));
    }
}
