import { type Hex, numberToHex, toHex } from 'viem'
import { createBlockProducer } from '../../sandbox/builders/block-producer.ts'
import { createDemand } from '../../sandbox/builders/demand.ts'
import { createRelay, type Relay } from '../../sandbox/builders/relay.ts'
import type { ShapeName } from '../../sandbox/builders/shapes.ts'
import { accountAt } from '../../sandbox/chain/accounts.ts'
import { startAnvil } from '../../sandbox/chain/anvil.ts'
import { createNode } from '../../sandbox/node/node.ts'
import { aScenario } from './a-scenario.ts'

export const gwei = 10n ** 9n

/** Code that reverts whatever it is sent: PUSH0 PUSH0 REVERT. */
export const revertingContract = '0x00000000000000000000000000000000000bad00'
/** Code that pays what it is sent to the fee recipient: PUSH0 ×4, CALLVALUE, COINBASE, GAS, CALL, STOP. */
export const payingContract = '0x0000000000000000000000000000000000000b1d'

/** A chain with a public node, builders and a block producer, and nothing else on it. */
export const aBlockWorld = async (
  shapes: readonly ShapeName[] = ['flashbots'],
  /** Where others drive the base fee; without it they use no gas. */
  baseFeeGwei?: number,
) => {
  const base = aScenario()
  const scenario = {
    ...base,
    chain: { ...base.chain, baseFeeGwei: [[0, baseFeeGwei ?? 10] as [number, number]] },
  }
  const { startSec, firstBlock, blockTimeSec, gasLimit } = scenario.chain
  const log = (): void => undefined
  const anvil = await startAnvil({
    chainId: 1,
    startSec: startSec - blockTimeSec,
    firstBlock: firstBlock - 1,
    gasLimit,
    log,
  })
  await anvil.rpc.call('anvil_autoImpersonateAccount', [false])
  await anvil.rpc.call('anvil_setCode', [revertingContract, '0x5f5ffd'])
  await anvil.rpc.call('anvil_setCode', [payingContract, '0x5f5f5f5f34415af100'])
  const node = await createNode({ anvilHttpUrl: anvil.httpUrl, anvilWsUrl: anvil.wsUrl, log })
  const relays: Relay[] = []
  for (const shape of shapes) {
    const relay = await createRelay({
      name: shape,
      shape,
      anvilHttpUrl: anvil.httpUrl,
      nowMs: () => startSec * 1_000,
      log,
    })
    await anvil.rpc.call('anvil_setBalance', [relay.coinbase, '0x1'])
    relays.push(relay)
  }
  const clock = { now: () => (startSec * 1_000) as never, sleepUntil: async () => false }
  const producer = createBlockProducer({
    rpc: anvil.rpc,
    mempool: node.mempool,
    relays,
    clock,
    scenario,
    ...(baseFeeGwei === undefined ? {} : { demand: await createDemand(anvil.rpc, scenario) }),
    log,
  })

  const sign = async (
    index: number,
    fields: { to?: `0x${string}`; value?: bigint; tip?: bigint; maxFee?: bigint; nonce?: number },
  ) => {
    const account = accountAt(index)
    const nonce =
      fields.nonce ??
      Number(await anvil.rpc.call<string>('eth_getTransactionCount', [account.address, 'latest']))
    return account.signTransaction({
      type: 'eip1559',
      chainId: 1,
      nonce,
      gas: 100_000n,
      to: fields.to ?? accountAt(9).address,
      value: fields.value ?? 0n,
      maxPriorityFeePerGas: fields.tip ?? 1n,
      maxFeePerGas: fields.maxFee ?? 200n * gwei,
    })
  }
  const blockAt = (number: number) =>
    anvil.rpc.call<{
      transactions: string[]
      timestamp: string
      baseFeePerGas: Hex
      gasUsed: Hex
      gasLimit: Hex
      miner: string
    }>('eth_getBlockByNumber', [numberToHex(number), false])
  const stop = async (): Promise<void> => {
    for (const relay of relays) await relay.stop()
    await node.stop()
    await anvil.stop()
  }
  return { anvil, node, relays, producer, scenario, sign, blockAt, stop, hex: toHex }
}
