import {
  concat,
  decodeAbiParameters,
  decodeFunctionData,
  hexToBytes,
  keccak256,
  recoverAddress,
} from 'viem'
import { describe, expect, test } from 'vitest'
import { accounts } from '../../../sandbox/chain/accounts.ts'
import {
  answerRawOf,
  epochAndRoundOf,
  ocr2Abi,
  transmitCalldata,
} from '../../../sandbox/chain/feeds.ts'

const configDigest = `0x0001${'ab'.repeat(30)}` as const

const decoded = async (answerUsd: number) => {
  const data = await transmitCalldata({
    configDigest,
    epochAndRound: epochAndRoundOf(7, 3),
    observationsTimestampSec: 1_692_308_160,
    answerUsd,
    signers: accounts.oracleSigners,
  })
  const call = decodeFunctionData({ abi: ocr2Abi, data })
  if (call.functionName !== 'transmit') return expect.unreachable(call.functionName)
  const [context, report, rs, ss, parities] = call.args
  const [timestampSec, observers, observations] = decodeAbiParameters(
    [{ type: 'uint32' }, { type: 'bytes32' }, { type: 'int192[]' }, { type: 'int192' }],
    report,
  )
  const hash = keccak256(concat([keccak256(report), ...context]))
  const signers = await Promise.all(
    rs.map((r, i) =>
      recoverAddress({ hash, signature: { r, s: ss[i]!, yParity: hexToBytes(parities)[i]! } }),
    ),
  )
  return { context, timestampSec, observers, observations, signers }
}

describe('a report', () => {
  test('has four rising observations whose upper median is the answer', async () => {
    for (const usd of [1705.06, 28_200, 6.6, 0.9992, 1]) {
      const { observations } = await decoded(usd)
      expect(observations).toHaveLength(4)
      expect(observations[2]).toBe(answerRawOf(usd))
      expect([...observations].sort((a, b) => (a < b ? -1 : 1))).toEqual(observations)
      expect(new Set(observations).size).toBe(4)
      const width = Number(observations[3]! - observations[0]!) / Number(observations[2])
      expect(width).toBeLessThan(2e-4)
    }
  })

  test('is signed by two oracles over report and context', async () => {
    const { signers, context, timestampSec, observers } = await decoded(1705.06)
    expect(signers).toEqual(accounts.oracleSigners.slice(0, 2).map(({ address }) => address))
    expect(context[0]).toBe(configDigest)
    expect(BigInt(context[1])).toBe(0x703n)
    expect(timestampSec).toBe(1_692_308_160)
    expect(observers).toBe(`0x00010203${'00'.repeat(28)}`)
  })
})
