/**
 * The whole local world of a scenario: chain, public node, builders, exchanges, oracle, arbitrageur. Owns their lives.
 *
 * 1. Everything is up and quoting before the clock runs; nothing moves until `begin`.
 * 2. What was started is ended in the opposite order, also when a later part fails to start.
 * 3. The bot sees only what `environment` names: the public node, the exchanges and the builders' endpoints.
 */
import { generatePrivateKey } from 'viem/accounts'
import { ConfigError } from '../core/errors.ts'
import type { Address } from '../core/types/chain.ts'
import { createArbitrageur } from './actors/arbitrageur.ts'
import { createOracleActor, type OracleActor } from './actors/oracle.ts'
import { type BlockProducer, createBlockProducer } from './builders/block-producer.ts'
import { createDemand } from './builders/demand.ts'
import { createRelay, type Relay } from './builders/relay.ts'
import { coinbases, keyAt } from './chain/accounts.ts'
import { type Anvil, type ForkOf, startAnvil } from './chain/anvil.ts'
import { deployChain } from './chain/deploy.ts'
import type { Deployed } from './chain/deployed.ts'
import { type ForkedWorld, forkChain } from './chain/fork.ts'
import { genesisOf } from './chain/genesis.ts'
import { createScenarioClock, type ScenarioClock } from './clock.ts'
import { createExchanges } from './exchanges/exchanges.ts'
import { queueBruteForce } from './judge/inventory.ts'
import { refusal } from './node/json-rpc.ts'
import { createNode, type PublicNode } from './node/node.ts'
import type { Scenario } from './scenario.ts'

export interface Sandbox {
  readonly scenario: Scenario
  readonly anvil: Anvil
  readonly node: PublicNode
  readonly deployed: Deployed
  /** The judge's contract; none on a fork, where it cannot be given what it needs. */
  readonly bruteForce: Address | undefined
  readonly relays: readonly Relay[]
  readonly producer: BlockProducer
  readonly oracle: OracleActor
  readonly clock: ScenarioClock
  /** What config/sandbox.yaml refers to, but for data folder, clock and webhook. */
  readonly environment: Readonly<Record<string, string>>
  /** Starts the clock at a wall time; blocks, answers and trades come from then on. */
  readonly begin: (atWallMs?: number) => void
  readonly stop: () => Promise<void>
}

const operatorIndices = [3, 4, 5, 6] as const

/** Brings up a scenario's world on free ports of 127.0.0.1; `step` is told what is being done. */
export const startSandbox = async ({
  scenario: asked,
  fork,
  log,
  step,
  rpcPort,
}: {
  readonly scenario: Scenario
  /** The chain to play on; an empty one unless given. */
  readonly fork?: ForkOf | undefined
  /** Where the public node listens; any free port unless given. */
  readonly rpcPort?: number | undefined
  readonly log: (text: string) => void
  readonly step: (text: string) => void
}): Promise<Sandbox> => {
  const closers: (() => Promise<void>)[] = []
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    step(fork === undefined ? 'starting the chain' : 'forking the chain')
    const anvil = await startAnvil({
      chainId: 1,
      ...(fork === undefined ? genesisOf(asked) : { fork }),
      gasLimit: asked.chain.gasLimit,
      log,
    })
    closers.push(anvil.stop)

    let bruteForce: Address | undefined
    const deployHere = async (): Promise<ForkedWorld> => {
      step(`deploying Aave, Uniswap, Chainlink and ${asked.positions.count} borrowers`)
      const deployed = await deployChain({
        anvil,
        scenario: asked,
        log,
        prepare: ({ writer, listed, weth }) => {
          bruteForce = queueBruteForce(writer, listed, weth)
        },
      })
      return { scenario: asked, deployed }
    }
    const { scenario, deployed } = await (fork === undefined
      ? deployHere()
      : forkChain({ anvil, scenario: asked, log, step }))
    const { chain } = scenario

    step('opening the node, the builders and the exchanges')
    const clock = createScenarioClock({
      startMs: chain.startSec * 1000,
      rate: chain.compression,
      stopped: true,
    })
    const node = await createNode({
      anvilHttpUrl: anvil.httpUrl,
      anvilWsUrl: anvil.wsUrl,
      port: rpcPort,
      log,
    })
    closers.push(node.stop)
    const relays: Relay[] = []
    for (const { name, shape, weight, latencyMs, failStatus, ignore } of scenario.relays) {
      const relay = await createRelay({
        name,
        shape,
        weight,
        latencyMs,
        failStatus,
        ignore,
        anvilHttpUrl: anvil.httpUrl,
        nowMs: clock.now,
        coinbase: coinbases[shape],
        blockTimeSec: chain.blockTimeSec,
        decode: node.decode,
        log,
      })
      closers.push(relay.stop)
      relays.push(relay)
    }
    const exchanges = createExchanges({ scenario, clock, log })
    await exchanges.start()
    closers.push(exchanges.stop)

    const producer = createBlockProducer({
      rpc: anvil.rpc,
      mempool: node.mempool,
      relays,
      clock,
      scenario,
      demand: await createDemand(anvil.rpc, scenario),
      log,
    })
    const oracle = createOracleActor({
      deployed,
      scenario,
      clock,
      rpcUrl: node.httpUrl,
      builders: relays.map(({ url }, i) => ({ url, shape: scenario.relays[i]!.shape })),
      log,
    })
    node.serve('bailiff_setPrice', async ([asset, usd]) => {
      try {
        oracle.say(String(asset), Number(usd))
        return { result: true }
      } catch (thrown) {
        if (thrown instanceof ConfigError) return refusal(-32602, thrown.message)
        throw thrown
      }
    })
    const arbitrageur = createArbitrageur({ deployed, scenario, clock, rpcUrl: node.httpUrl, log })

    const relayUrl = (name: string): string =>
      (relays.find((relay) => relay.name === name) ?? relays[0]!).url
    return {
      scenario,
      anvil,
      node,
      deployed,
      bruteForce,
      relays,
      producer,
      oracle,
      clock,
      environment: {
        BAILIFF_RPC_HTTP: node.httpUrl,
        BAILIFF_RPC_WS: node.wsUrl,
        BAILIFF_EXECUTOR: deployed.addresses.executor,
        BAILIFF_OPERATOR_KEYS: operatorIndices.map(keyAt).join(','),
        BAILIFF_AUTH_KEY: generatePrivateKey(),
        BAILIFF_BINANCE_WS: exchanges.urls.binance,
        BAILIFF_COINBASE_WS: exchanges.urls.coinbase,
        BAILIFF_KRAKEN_WS: exchanges.urls.kraken,
        BAILIFF_RELAY_FLASHBOTS: relayUrl('flashbots'),
        BAILIFF_RELAY_BUILDERNET: relayUrl('buildernet'),
        BAILIFF_RELAY_TITAN: relayUrl('titan'),
      },
      begin: (atWallMs) => {
        clock.start(atWallMs)
        producer.start()
        oracle.start()
        arbitrageur.start()
        closers.push(producer.stop, oracle.stop, arbitrageur.stop)
      },
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}
