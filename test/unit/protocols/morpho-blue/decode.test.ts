import { encodeAbiParameters, encodeEventTopics, parseAbi } from 'viem'
import { describe, expect, test } from 'vitest'
import { ProtocolError } from '../../../../core/errors.ts'
import type { Address, Hex } from '../../../../core/types/chain.ts'
import { sec } from '../../../../core/units.ts'
import {
  factoryEventAbi,
  morphoEventAbi,
  rateEventAbi,
} from '../../../../protocols/morpho-blue/abi.ts'
import { createMorphoDecoder, type MorphoLog } from '../../../../protocols/morpho-blue/decode.ts'
import {
  alice,
  aMorphoMarket,
  bob,
  contract,
  mallory,
  marketId,
  otherId,
} from '../../../support/a-morpho-book.ts'

const factory: Address = '0x000000000000000000000000000000000000fac7'
const market = aMorphoMarket()
const decoder = createMorphoDecoder([market], factory)
const allEvents = [...morphoEventAbi, ...rateEventAbi, ...factoryEventAbi]

/** A log as a node tells it, from the arguments by their names. */
const logOf = (
  name: string,
  args: Readonly<Record<string, unknown>>,
  address: Address = market.morpho,
): MorphoLog => {
  const event = allEvents.find((one) => one.type === 'event' && one.name === name)!
  const inputs = event.inputs as readonly { name: string; type: string; indexed?: boolean }[]
  const plain = inputs.filter(({ indexed }) => !indexed)
  return {
    address,
    topics: encodeEventTopics({ abi: [event], args } as never) as Hex[],
    data: encodeAbiParameters(plain as never, plain.map((input) => args[input.name]) as never),
    transactionHash: '0xabc',
  }
}

const decode = (log: MorphoLog) => decoder.decode(log, sec(1_234))
const id = marketId
const params = { loanToken: alice, collateralToken: bob, oracle: alice, irm: bob, lltv: 1n }
const preParams = {
  preLltv: 1n,
  preLCF1: 2n,
  preLCF2: 3n,
  preLIF1: 4n,
  preLIF2: 5n,
  preLiquidationOracle: bob,
}

describe('createMorphoDecoder', () => {
  test('default: knows what each event does to whom', () => {
    const caller = mallory
    const receiver = mallory
    const decoded = [
      logOf('CreateMarket', { id, marketParams: params }),
      logOf('SetFee', { id, newFee: 5n }),
      logOf('AccrueInterest', { id, prevBorrowRate: 1n, interest: 2n, feeShares: 3n }),
      logOf('Supply', { id, caller, onBehalf: alice, assets: 4n, shares: 5n }),
      logOf('Withdraw', { id, caller, onBehalf: alice, receiver, assets: 4n, shares: 5n }),
      logOf('Borrow', { id, caller, onBehalf: alice, receiver, assets: 6n, shares: 7n }),
      logOf('Repay', { id, caller, onBehalf: alice, assets: 6n, shares: 7n }),
      logOf('SupplyCollateral', { id, caller, onBehalf: alice, assets: 8n }),
      logOf('WithdrawCollateral', { id, caller, onBehalf: alice, receiver, assets: 8n }),
      logOf('Liquidate', {
        id,
        caller: bob,
        borrower: alice,
        repaidAssets: 1n,
        repaidShares: 2n,
        seizedAssets: 3n,
        badDebtAssets: 4n,
        badDebtShares: 5n,
      }),
      logOf('SetAuthorization', {
        caller,
        authorizer: alice,
        authorized: contract,
        newIsAuthorized: true,
      }),
      logOf('BorrowRateUpdate', { id, avgBorrowRate: 8n, rateAtTarget: 9n }, market.irm),
      logOf(
        'CreatePreLiquidation',
        { preLiquidation: contract, id, preLiquidationParams: preParams },
        factory,
      ),
    ].flatMap(decode)
    expect(decoded).toEqual([
      { type: 'morpho/created', market: id, updatedSec: 1_234 },
      { type: 'morpho/fee', market: id, feeWad: 5n },
      {
        type: 'morpho/accrue',
        market: id,
        interestRaw: 2n,
        feeSharesRaw: 3n,
        updatedSec: 1_234,
      },
      { type: 'morpho/supply', market: id, assetsRaw: 4n, sharesRaw: 5n },
      { type: 'morpho/supply', market: id, assetsRaw: -4n, sharesRaw: -5n },
      { type: 'morpho/borrow', market: id, account: alice, assetsRaw: 6n, sharesRaw: 7n },
      { type: 'morpho/borrow', market: id, account: alice, assetsRaw: -6n, sharesRaw: -7n },
      { type: 'morpho/collateral', market: id, account: alice, deltaRaw: 8n },
      { type: 'morpho/collateral', market: id, account: alice, deltaRaw: -8n },
      {
        type: 'morpho/liquidation',
        market: id,
        account: alice,
        repaidRaw: 1n,
        repaidSharesRaw: 2n,
        seizedRaw: 3n,
        badDebtRaw: 4n,
        badDebtSharesRaw: 5n,
        liquidator: bob,
        txHash: '0xabc',
      },
      { type: 'morpho/authorization', account: alice, authorized: contract, enabled: true },
      { type: 'morpho/rate', market: id, rateAtTargetWad: 9n },
      { type: 'morpho/pre-liquidation', market: id, preLiquidation: contract },
    ])
  })

  test('behavior: asks for the logs of three contracts and thirteen events', () => {
    expect(decoder.addresses).toEqual([
      market.morpho.toLowerCase(),
      market.irm.toLowerCase(),
      factory,
    ])
    expect(decoder.topics).toHaveLength(13)
    expect(createMorphoDecoder([{ ...market, rateModel: 'none' }]).addresses).toEqual([
      market.morpho.toLowerCase(),
    ])
  })

  test('behavior: leaves out markets that may not be touched', () => {
    expect(decode(logOf('SetFee', { id: otherId, newFee: 5n }))).toEqual([])
    const other = { preLiquidation: contract, id: otherId, preLiquidationParams: preParams }
    expect(decode(logOf('CreatePreLiquidation', other, factory))).toEqual([])
  })

  test("behavior: leaves out events that change nothing, and mallory's copies of those that do", () => {
    const abi = parseAbi([
      'event FlashLoan(address indexed caller, address indexed token, uint256 assets)',
    ])
    const flashLoan: MorphoLog = {
      address: market.morpho,
      topics: encodeEventTopics({ abi, args: { caller: bob, token: alice } }) as Hex[],
      data: encodeAbiParameters([{ type: 'uint256' }], [7n]),
      transactionHash: '0xabc',
    }
    expect(decode(flashLoan)).toEqual([])
    expect(decode(logOf('SetFee', { id, newFee: 5n }, mallory))).toEqual([])
    const rate = { id, avgBorrowRate: 8n, rateAtTarget: 9n }
    expect(decode(logOf('BorrowRateUpdate', rate, market.morpho))).toEqual([])
    expect(decode({ ...flashLoan, topics: [] })).toEqual([])
  })

  test('error: a log without the shape of its event is refused', () => {
    const log = logOf('SetFee', { id, newFee: 5n })
    expect(() => decode({ ...log, data: '0x' })).toThrow(ProtocolError)
    expect(() => decode({ ...log, topics: log.topics.slice(0, 1) })).toThrow(ProtocolError)
  })
})
