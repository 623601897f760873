import {
  concat,
  decodeErrorResult,
  encodeAbiParameters,
  encodeFunctionData,
  type Hex,
  keccak256,
  numberToHex,
  parseEventLogs,
  parseSignature,
  toEventSelector,
} from 'viem'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { beforeEach, describe, expect, test } from 'vitest'
import {
  ocr2StyleAggregatorAbi as abi,
  ocr2StyleAggregatorBytecode,
} from '../../contracts/generated/ocr2-style-aggregator.ts'
import { ProtocolError } from '../../core/errors.ts'
import type { Address } from '../../core/types/chain.ts'
import { accounts } from '../../sandbox/chain/accounts.ts'
import { initCode, proxyArtifact } from '../../sandbox/chain/artifacts.ts'
import { anExecutorWorld, mallory } from '../support/an-executor-world.ts'

const owner = accounts.deployer.address
const transmitter = accounts.transmitter.address
const signers = accounts.oracleSigners
const stranger = privateKeyToAccount(generatePrivateKey())
const observedSec = 1_692_308_000
const zero = numberToHex(0, { size: 32 })

const world = await anExecutorWorld()
const { client, call, create, send } = world

let aggregator: Address
let digest: Hex
const setConfig = async (f = 1): Promise<void> => {
  const transmitters = [accounts.transmitter, ...accounts.standbyTransmitters]
  await call(owner, aggregator, abi, 'setConfig', [
    signers.map(({ address }) => address),
    transmitters.map(({ address }) => address),
    f,
    '0x',
    2n,
    '0x',
  ])
  const read = { address: aggregator, abi, functionName: 'latestConfigDetails' } as const
  digest = (await client.readContract(read))[2]
}

beforeEach(async () => {
  aggregator = await create(owner, {
    abi,
    bytecode: ocr2StyleAggregatorBytecode,
    args: [100n, 10_000n, 8, 'ETH / USD'],
  })
  await setConfig()
})

const reportTypes = [
  { type: 'uint32' },
  { type: 'bytes32' },
  { type: 'int192[]' },
  { type: 'int192' },
] as const

const reportOf = (observations: readonly bigint[]): Hex =>
  encodeAbiParameters(reportTypes, [
    observedSec,
    concat(['0x03010002', numberToHex(0, { size: 28 })]),
    [...observations],
    0n,
  ])

/** Encodes and signs `transmit`; everything may be bent. */
const transmission = async (bent: {
  readonly report?: Hex
  readonly epochAndRound?: number
  readonly digest?: Hex
  readonly by?: readonly Pick<typeof stranger, 'sign'>[]
  readonly trailing?: Hex
}): Promise<Hex> => {
  const report = bent.report ?? reportOf([1_000n, 1_001n, 1_002n, 1_003n])
  const epochAndRound = numberToHex(bent.epochAndRound ?? 257, { size: 32 })
  const context = [bent.digest ?? digest, epochAndRound, zero] as const
  const hash = keccak256(concat([keccak256(report), ...context]))
  const signed = await Promise.all(
    (bent.by ?? signers.slice(0, 2)).map(async (one) => parseSignature(await one.sign({ hash }))),
  )
  const vs = concat([
    ...signed.map(({ yParity }) => numberToHex(yParity, { size: 1 })),
    numberToHex(0, { size: 32 - signed.length }),
  ])
  const rs = signed.map(({ r }) => r)
  const ss = signed.map(({ s }) => s)
  const args = [context, report, rs, ss, vs] as const
  return concat([
    encodeFunctionData({ abi, functionName: 'transmit', args }),
    bent.trailing ?? '0x',
  ])
}

const latest = () =>
  client.readContract({ address: aggregator, abi, functionName: 'latestRoundData' })

describe('transmit', () => {
  test('answers the upper median, tells it as libocr does, and serves it through the genuine proxy', async () => {
    const data = await transmission({})
    expect(data.slice(0, 10)).toBe('0xb1dc65a4')
    const { logs, status } = await send(transmitter, aggregator, data)
    expect(status).toBe('success')
    const events = parseEventLogs({ abi, logs })
    expect(events.map(({ eventName }) => eventName)).toEqual([
      'NewTransmission',
      'NewRound',
      'AnswerUpdated',
    ])
    expect(events[0]?.args).toMatchObject({
      aggregatorRoundId: 1,
      answer: 1_002n,
      transmitter,
      observationsTimestamp: observedSec,
      observations: [1_000n, 1_001n, 1_002n, 1_003n],
      observers: '0x03010002',
      configDigest: digest,
      epochAndRound: 257,
    })
    const { timestamp } = await client.getBlock()
    expect(await latest()).toEqual([1n, 1_002n, BigInt(observedSec), timestamp, 1n])

    const { abi: proxyAbi, ...artifact } = proxyArtifact()
    const deploy = initCode({ abi: proxyAbi, ...artifact }, [
      aggregator,
      '0x0000000000000000000000000000000000000000',
    ])
    const proxy = (await send(owner, undefined, deploy)).contractAddress!
    const read = (functionName: string) =>
      client.readContract({ address: proxy, abi: proxyAbi, functionName })
    expect(await read('latestAnswer')).toBe(1_002n)
    expect(await read('aggregator')).toBe(aggregator)
    expect((await read('latestRoundData')) as readonly bigint[]).toEqual([
      (1n << 64n) + 1n,
      1_002n,
      BigInt(observedSec),
      timestamp,
      (1n << 64n) + 1n,
    ])
  })

  test('the event has the topic of mainnet', () => {
    const [event] = abi.filter(
      (entry) => entry.type === 'event' && entry.name === 'NewTransmission',
    )
    const selector = toEventSelector(event as Parameters<typeof toEventSelector>[0])
    expect(selector.slice(0, 10)).toBe('0xc797025f')
    expect(selector.slice(-4)).toBe('016a')
  })

  test('behavior: the median is of the array as it was sent', async () => {
    const report = reportOf([5_000n, 1_000n, 2_000n])
    await send(transmitter, aggregator, await transmission({ report }))
    expect((await latest())[1]).toBe(1_000n)
  })

  test('behavior: rounds count up and keep their answers', async () => {
    await send(transmitter, aggregator, await transmission({ epochAndRound: 257 }))
    const report = reportOf([2_000n, 2_001n, 2_002n])
    await send(transmitter, aggregator, await transmission({ report, epochAndRound: 258 }))
    const round = (id: bigint) =>
      client.readContract({ address: aggregator, abi, functionName: 'getRoundData', args: [id] })
    expect([(await round(1n))[1], (await round(2n))[1]]).toEqual([1_002n, 2_001n])
    expect((await round(3n))[1]).toBe(0n)
    expect((await round(2n ** 40n))[0]).toBe(0n)
    const details = { address: aggregator, abi, functionName: 'latestTransmissionDetails' } as const
    expect((await client.readContract(details)).slice(0, 4)).toEqual([digest, 1, 2, 2_001n])
  })
})

describe('what is refused', () => {
  const cases: readonly [string, Parameters<typeof transmission>[0]][] = [
    ['WrongNumberOfSignatures', { by: signers.slice(0, 1) }],
    ['WrongNumberOfSignatures', { by: signers.slice(0, 3) }],
    ['UnknownSigner', { by: [signers[0]!, stranger] }],
    ['DuplicateSigner', { by: [signers[0]!, signers[0]!] }],
    ['ConfigDigestMismatch', { digest: zero }],
    ['StaleReport', { epochAndRound: 0 }],
    ['MedianOutOfRange', { report: reportOf([1n, 99n]) }],
    ['MedianOutOfRange', { report: reportOf([1_000n, 10_001n, 10_002n]) }],
    ['TooFewObservations', { report: reportOf([1_000n]) }],
    ['TooManyObservations', { report: reportOf(Array.from({ length: 32 }, () => 1_000n)) }],
    ['WrongReportLength', { report: concat([reportOf([1_000n, 1_001n]), zero]) }],
    ['WrongCalldataLength', { trailing: '0x00' }],
  ]

  const refusalOf = async (from: Address, data: Hex): Promise<string | undefined> => {
    try {
      await world.rpc.call('eth_call', [{ from, to: aggregator, data }, 'latest'])
      return undefined
    } catch (thrown) {
      if (!(thrown instanceof ProtocolError)) throw thrown
      const { data: reason } = thrown.data.error as { readonly data: Hex }
      return decodeErrorResult({ abi, data: reason }).errorName
    }
  }

  test.each(cases)('%s %#', async (name, bent) => {
    expect(await refusalOf(transmitter, await transmission(bent))).toBe(name)
    expect((await latest())[1]).toBe(0n)
  })

  test('a report that was sent before, or an older one', async () => {
    await send(transmitter, aggregator, await transmission({ epochAndRound: 300 }))
    for (const epochAndRound of [300, 299]) {
      const data = await transmission({ epochAndRound })
      expect(await refusalOf(transmitter, data)).toBe('StaleReport')
    }
  })

  test('a genuine report that mallory transmits', async () => {
    expect(await refusalOf(mallory, await transmission({}))).toBe('NotTransmitter')
  })

  test('a report of the configuration before; the new one begins anew', async () => {
    await send(transmitter, aggregator, await transmission({ epochAndRound: 900 }))
    const old = await transmission({ epochAndRound: 901 })
    await setConfig()
    expect(await refusalOf(transmitter, old)).toBe('ConfigDigestMismatch')
    const data = await transmission({ epochAndRound: 1 })
    expect((await send(transmitter, aggregator, data)).status).toBe('success')
  })

  test('a configuration of mallory', async () => {
    const data = encodeFunctionData({
      abi,
      functionName: 'setConfig',
      args: [[mallory], [mallory], 1, '0x', 2n, '0x'],
    })
    expect(await refusalOf(mallory, data)).toBe('NotOwner')
    expect(await refusalOf(owner, data)).toBe('BadConfig')
  })
})
