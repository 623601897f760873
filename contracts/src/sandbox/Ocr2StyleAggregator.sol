// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Ocr2StyleAggregator
/// @notice Median aggregator of the local chain with the calls, events and checks of Chainlink's OCR2 aggregator, which
/// is not published as a package. It is our own contract and holds no code of it.
/// @dev Left out: LINK payments, access control of reads, config history beyond the last, the observers' whitelist.
contract Ocr2StyleAggregator {
    error NotOwner(address caller);
    error BadConfig(uint256 signers, uint256 transmitters, uint256 f);
    error BadOracle(address oracle);
    error NotTransmitter(address caller);
    error StaleReport(uint40 epochAndRound, uint40 latestEpochAndRound);
    error ConfigDigestMismatch(bytes32 given, bytes32 expected);
    error WrongNumberOfSignatures(uint256 rs, uint256 ss, uint256 expected);
    error UnknownSigner(address recovered);
    error DuplicateSigner(address signer);
    error WrongReportLength(uint256 length, uint256 expected);
    error WrongCalldataLength(uint256 length, uint256 expected);
    error TooFewObservations(uint256 observations, uint256 f);
    error TooManyObservations(uint256 observations);
    error MedianOutOfRange(int192 median, int192 minAnswer, int192 maxAnswer);

    event ConfigSet(
        uint32 previousConfigBlockNumber,
        bytes32 configDigest,
        uint64 configCount,
        address[] signers,
        address[] transmitters,
        uint8 f,
        bytes onchainConfig,
        uint64 offchainConfigVersion,
        bytes offchainConfig
    );
    event NewTransmission(
        uint32 indexed aggregatorRoundId,
        int192 answer,
        address transmitter,
        uint32 observationsTimestamp,
        int192[] observations,
        bytes observers,
        int192 juelsPerFeeCoin,
        bytes32 configDigest,
        uint40 epochAndRound
    );
    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);
    event NewRound(uint256 indexed roundId, address indexed startedBy, uint256 startedAt);

    struct Transmission {
        int192 answer;
        uint32 observationsTimestamp;
        uint32 transmissionTimestamp;
    }

    struct Report {
        uint32 observationsTimestamp;
        bytes32 rawObservers;
        int192[] observations;
        int192 juelsPerFeeCoin;
    }

    /// @dev The largest number of oracles, fixed by the 32 bytes that hold one index or one `v` each.
    uint256 internal constant MAX_ORACLES = 31;

    uint256 public constant version = 6;
    address public immutable owner;
    int192 public immutable minAnswer;
    int192 public immutable maxAnswer;
    uint8 public immutable decimals;
    string public description;

    uint8 internal f;
    uint32 internal roundId;
    uint40 internal epochAndRound;
    uint32 internal configCount;
    uint32 internal configBlock;
    bytes32 internal configDigest;
    address[] internal signers;
    address[] internal transmitters;
    /// @dev One more than the index in `signers`, zero for a stranger.
    mapping(address signer => uint256) internal signerNumber;
    mapping(address transmitter => bool) internal isTransmitter;
    mapping(uint32 round => Transmission) internal transmissions;

    constructor(int192 _minAnswer, int192 _maxAnswer, uint8 _decimals, string memory _description) {
        owner = msg.sender;
        minAnswer = _minAnswer;
        maxAnswer = _maxAnswer;
        decimals = _decimals;
        description = _description;
    }

    /* CONFIG */

    /// @notice Replaces the oracles; a report needs the signatures of exactly `_f + 1` of `_signers`.
    /// @dev What is meant for the oracles off chain is part of the digest and of the event, and is not stored.
    function setConfig(
        address[] calldata _signers,
        address[] calldata _transmitters,
        uint8 _f,
        bytes calldata _onchainConfig,
        uint64 _offchainConfigVersion,
        bytes calldata _offchainConfig
    ) external {
        if (msg.sender != owner) revert NotOwner(msg.sender);
        uint256 count = _signers.length;
        if (count > MAX_ORACLES || count <= 3 * uint256(_f) || _f == 0 || _transmitters.length != count) {
            revert BadConfig(count, _transmitters.length, _f);
        }

        for (uint256 i; i < signers.length; ++i) delete signerNumber[signers[i]];
        for (uint256 i; i < transmitters.length; ++i) delete isTransmitter[transmitters[i]];
        for (uint256 i; i < count; ++i) {
            if (_signers[i] == address(0) || signerNumber[_signers[i]] != 0) revert BadOracle(_signers[i]);
            if (_transmitters[i] == address(0) || isTransmitter[_transmitters[i]]) revert BadOracle(_transmitters[i]);
            signerNumber[_signers[i]] = i + 1;
            isTransmitter[_transmitters[i]] = true;
        }
        signers = _signers;
        transmitters = _transmitters;
        f = _f;
        epochAndRound = 0;

        uint32 previousBlock = configBlock;
        configBlock = uint32(block.number);
        ++configCount;
        configDigest = _digest(abi.encode(block.chainid, address(this), configCount, msg.data));
        emit ConfigSet(
            previousBlock,
            configDigest,
            configCount,
            _signers,
            _transmitters,
            _f,
            _onchainConfig,
            _offchainConfigVersion,
            _offchainConfig
        );
    }

    function getTransmitters() external view returns (address[] memory) {
        return transmitters;
    }

    function latestConfigDetails() external view returns (uint32, uint32, bytes32) {
        return (configCount, configBlock, configDigest);
    }

    /* TRANSMISSION */

    /// @notice Stores the median of a signed report as the answer of a new round.
    /// @param reportContext The config digest; 27 zero bytes, epoch (4) and round (1); extra hash.
    /// @param report ABI encoding of observationsTimestamp, rawObservers, observations in rising order, juelsPerFeeCoin.
    function transmit(
        bytes32[3] calldata reportContext,
        bytes calldata report,
        bytes32[] calldata rs,
        bytes32[] calldata ss,
        bytes32 rawVs
    ) external {
        uint40 given = uint40(uint256(reportContext[1]));
        if (given <= epochAndRound) revert StaleReport(given, epochAndRound);
        if (!isTransmitter[msg.sender]) revert NotTransmitter(msg.sender);
        if (reportContext[0] != configDigest) revert ConfigDigestMismatch(reportContext[0], configDigest);
        // Head of five arguments (seven words), then three lengths, the report padded to words, and the signatures.
        uint256 expected = 4 + 32 * (10 + rs.length + ss.length) + (report.length + 31) / 32 * 32;
        if (msg.data.length != expected) revert WrongCalldataLength(msg.data.length, expected);

        _verify(keccak256(abi.encode(keccak256(report), reportContext)), rs, ss, rawVs);
        epochAndRound = given;
        _record(report, reportContext[0], given);
    }

    function latestTransmissionDetails() external view returns (bytes32, uint32, uint8, int192, uint64) {
        Transmission memory last = transmissions[roundId];
        return (configDigest, uint32(epochAndRound >> 8), uint8(epochAndRound), last.answer, last.transmissionTimestamp);
    }

    /* READS */

    function latestAnswer() external view returns (int256) {
        return transmissions[roundId].answer;
    }

    function latestTimestamp() external view returns (uint256) {
        return transmissions[roundId].transmissionTimestamp;
    }

    function latestRound() external view returns (uint256) {
        return roundId;
    }

    function getAnswer(uint256 _roundId) external view returns (int256) {
        return _roundId > type(uint32).max ? int192(0) : transmissions[uint32(_roundId)].answer;
    }

    function getTimestamp(uint256 _roundId) external view returns (uint256) {
        return _roundId > type(uint32).max ? 0 : transmissions[uint32(_roundId)].transmissionTimestamp;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return _roundData(roundId);
    }

    /// @notice Returns zeros for a round that never was, as the aggregator of Chainlink does.
    function getRoundData(uint80 _roundId) external view returns (uint80, int256, uint256, uint256, uint80) {
        if (_roundId > type(uint32).max) return (0, 0, 0, 0, 0);
        return _roundData(uint32(_roundId));
    }

    /* INTERNAL */

    function _verify(bytes32 digest, bytes32[] calldata rs, bytes32[] calldata ss, bytes32 rawVs) internal view {
        uint256 expected = uint256(f) + 1;
        if (rs.length != expected || ss.length != expected) {
            revert WrongNumberOfSignatures(rs.length, ss.length, expected);
        }
        uint256 seen;
        for (uint256 i; i < expected; ++i) {
            address signer = ecrecover(digest, uint8(rawVs[i]) + 27, rs[i], ss[i]);
            uint256 number = signerNumber[signer];
            if (number == 0) revert UnknownSigner(signer);
            if (seen & (1 << number) != 0) revert DuplicateSigner(signer);
            seen |= 1 << number;
        }
    }

    function _record(bytes calldata data, bytes32 digest, uint40 given) internal {
        Report memory report;
        (report.observationsTimestamp, report.rawObservers, report.observations, report.juelsPerFeeCoin) =
            abi.decode(data, (uint32, bytes32, int192[], int192));
        uint256 count = report.observations.length;
        // Four words of head, the length of the observations, and one word for each.
        if (data.length != 160 + 32 * count) revert WrongReportLength(data.length, 160 + 32 * count);
        if (count > MAX_ORACLES) revert TooManyObservations(count);
        if (count <= f) revert TooFewObservations(count, f);

        // The upper median of the array as it was sent: the signers answer for its order.
        int192 median = report.observations[count / 2];
        if (median < minAnswer || median > maxAnswer) revert MedianOutOfRange(median, minAnswer, maxAnswer);

        uint32 round = ++roundId;
        transmissions[round] = Transmission(median, report.observationsTimestamp, uint32(block.timestamp));

        emit NewTransmission(
            round,
            median,
            msg.sender,
            report.observationsTimestamp,
            report.observations,
            _observers(report.rawObservers, count),
            report.juelsPerFeeCoin,
            digest,
            given
        );
        emit NewRound(round, address(0), report.observationsTimestamp);
        emit AnswerUpdated(median, round, block.timestamp);
    }

    /// @dev Returns the first `count` bytes of `rawObservers`: the index of the oracle behind each observation.
    function _observers(bytes32 rawObservers, uint256 count) internal pure returns (bytes memory observers) {
        observers = new bytes(count);
        for (uint256 i; i < count; ++i) observers[i] = rawObservers[i];
    }

    function _roundData(uint32 round) internal view returns (uint80, int256, uint256, uint256, uint80) {
        Transmission memory transmission = transmissions[round];
        return (
            round,
            transmission.answer,
            transmission.observationsTimestamp,
            transmission.transmissionTimestamp,
            round
        );
    }

    /// @dev The prefix 0x0001 marks a digest of an EVM chain.
    function _digest(bytes memory config) internal pure returns (bytes32) {
        return bytes32((uint256(keccak256(config)) & (type(uint256).max >> 16)) | (1 << 240));
    }
}
