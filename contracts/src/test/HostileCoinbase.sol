// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title HostileCoinbase
/// @notice A fee recipient that is code: it takes the bid and does what it was told to.
contract HostileCoinbase {
    enum Manner {
        Takes,
        Refuses,
        /// @dev Burns all gas that it is given.
        Burns,
        /// @dev Makes `call` on `target` once paid, and does not mind a failure.
        Reenters
    }

    Manner public manner;
    address public target;
    bytes public call;
    uint256 public successes;

    function behave(Manner _manner, address _target, bytes calldata _call) external {
        (manner, target, call) = (_manner, _target, _call);
    }

    receive() external payable {
        if (manner == Manner.Refuses) revert();
        if (manner == Manner.Burns) {
            uint256 burnt;
            while (true) ++burnt;
        }
        if (manner == Manner.Reenters) {
            (bool success,) = target.call(call);
            if (success) ++successes;
        }
    }
}
