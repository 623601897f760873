// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "../sandbox/Token.sol";

/// @title HostileToken
/// @notice A token that turns bad when told to; its storage begins as `Token`'s, so that its code may take that one's
/// place in a market that runs already.
contract HostileToken is Token {
    enum Manner {
        Honest,
        /// @dev Moves nothing of `target` and returns false.
        ReturnsFalse,
        /// @dev Keeps a hundredth of what is moved.
        TakesFee,
        /// @dev Makes `call` on `target` before it moves anything, and does not mind a failure.
        Reenters,
        /// @dev Approves, and leaves the allowance as it is when it is used.
        KeepsAllowance
    }

    Manner public manner;
    address public target;
    bytes public call;
    /// @notice How often `call` was made, and how often it succeeded.
    uint256 public attempts;
    uint256 public successes;

    constructor(string memory _name, string memory _symbol, uint8 _decimals) Token(_name, _symbol, _decimals) {}

    function behave(Manner _manner, address _target, bytes calldata _call) external {
        (manner, target, call) = (_manner, _target, _call);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (!_act(msg.sender, amount)) return false;
        return super.transfer(to, _left(amount));
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (!_act(from, amount)) return false;
        uint256 allowed = allowance[from][msg.sender];
        bool result = super.transferFrom(from, to, _left(amount));
        if (manner == Manner.KeepsAllowance) allowance[from][msg.sender] = allowed;
        return result;
    }

    function _act(address from, uint256 amount) private returns (bool) {
        if (manner == Manner.ReturnsFalse && from == target) return false;
        if (manner == Manner.TakesFee) _move(from, address(this), amount - _left(amount));
        if (manner == Manner.Reenters) {
            ++attempts;
            (bool success,) = target.call(call);
            if (success) ++successes;
        }
        return true;
    }

    function _left(uint256 amount) private view returns (uint256) {
        return manner == Manner.TakesFee ? amount - amount / 100 : amount;
    }
}
