import { encodeAbiParameters, encodeEventTopics, type Log } from 'viem'
import { expect, test } from 'vitest'
import { executorAbi } from '../../../contracts/generated/executor.ts'
import type { Address, Hex } from '../../../core/types/chain.ts'
import { decodeOutcome } from '../../../execution/decode.ts'
import { alice, anItem } from '../../support/a-bundle.ts'

const executor: Address = '0x00000000000000000000000000000000000e0ec0'
const mallory: Address = '0x0000000000000000000000000000000000003a11'
const { collateral, debt } = anItem()
const uint = { type: 'uint256' } as const

const logOf = (address: Address, topics: unknown, data: Hex): Log => ({
  address,
  topics: topics as [Hex, ...Hex[]],
  data,
  blockHash: null,
  blockNumber: null,
  logIndex: null,
  transactionHash: null,
  transactionIndex: null,
  removed: false,
})

const liquidated = (address: Address): Log =>
  logOf(
    address,
    encodeEventTopics({
      abi: executorAbi,
      eventName: 'Liquidated',
      args: { account: alice, collateral, debt },
    }),
    encodeAbiParameters([uint, uint, uint, uint], [5n, 4n, 3n, 2n]),
  )

const failed = (address: Address, reason: Hex): Log =>
  logOf(
    address,
    encodeEventTopics({ abi: executorAbi, eventName: 'Failed', args: { account: mallory } }),
    encodeAbiParameters([{ type: 'bytes' }], [reason]),
  )

test('an item that was closed and one that was undone', () => {
  const logs = [liquidated(executor), failed(executor, '0x08c379a0')]
  expect(decodeOutcome(executor.toLowerCase() as Address, 'aave-v3', logs)).toEqual({
    liquidations: [
      {
        position: `aave-v3:${alice}`,
        collateral,
        debt,
        repaidRaw: 5n,
        seizedRaw: 4n,
        profitWei: 3n,
        bidWei: 2n,
      },
    ],
    failures: [{ position: `aave-v3:${mallory}`, error: '0x08c379a0' }],
  })
})

test('behavior: the same events of another contract are not ours', () => {
  const logs = [liquidated(mallory), failed(mallory, '0x')]
  expect(decodeOutcome(executor, 'aave-v3', logs)).toEqual({ liquidations: [], failures: [] })
})

test('behavior: other logs of the executor are passed over', () => {
  const topics = encodeEventTopics({
    abi: executorAbi,
    eventName: 'TreasurySet',
    args: { treasury: mallory },
  })
  const logs = [logOf(executor, topics, '0x'), liquidated(executor)]
  expect(decodeOutcome(executor, 'aave-v3', logs).liquidations).toHaveLength(1)
})
