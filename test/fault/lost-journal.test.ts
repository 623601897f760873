import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createWalletClient, http } from 'viem'
import { generatePrivateKey, mnemonicToAccount } from 'viem/accounts'
import { mainnet } from 'viem/chains'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mnemonic } from '../../sandbox/chain/accounts.ts'
import { type Anvil, startAnvil } from '../../sandbox/chain/anvil.ts'
import { type Finished, runBailiff } from '../support/run-bailiff.ts'

const folder = mkdtempSync(join(tmpdir(), 'bailiff-lost-'))
const operator = mnemonicToAccount(mnemonic, { addressIndex: 3 })
const operatorKey = `0x${Buffer.from(operator.getHdKey().privateKey!).toString('hex')}`
const nowhere = 'ws://127.0.0.1:9'
const relay = 'http://127.0.0.1:9'

let anvil: Anvil

/** Starts bob's bot on the given folder and interrupts it once it runs. */
const run = (dataDir: string, flags: readonly string[] = []): Promise<Finished> => {
  let interrupted = false
  return runBailiff(
    [
      'run',
      '--config',
      fileURLToPath(new URL('../../config/sandbox.yaml', import.meta.url)),
      ...flags,
    ],
    {
      timeoutMs: 45_000,
      env: {
        BAILIFF_RPC_HTTP: anvil.httpUrl,
        BAILIFF_RPC_WS: anvil.wsUrl,
        BAILIFF_DATA_DIR: join(folder, dataDir),
        BAILIFF_OPERATOR_KEYS: operatorKey,
        BAILIFF_AUTH_KEY: generatePrivateKey(),
        BAILIFF_EXECUTOR: operator.address,
        BAILIFF_BINANCE_WS: nowhere,
        BAILIFF_COINBASE_WS: nowhere,
        BAILIFF_KRAKEN_WS: nowhere,
        BAILIFF_RELAY_FLASHBOTS: relay,
        BAILIFF_RELAY_BUILDERNET: relay,
        BAILIFF_RELAY_TITAN: relay,
      },
      onStderr: (text, pid) => {
        if (interrupted || !/redis/i.test(text)) return
        interrupted = true
        process.kill(pid, 'SIGTERM')
      },
    },
  )
}

beforeAll(async () => {
  anvil = await startAnvil({
    chainId: 1,
    startSec: 1_700_000_000,
    firstBlock: 1,
    gasLimit: 30_000_000,
    log: () => undefined,
  })
  const wallet = createWalletClient({
    account: operator,
    chain: mainnet,
    transport: http(anvil.httpUrl),
  })
  await wallet.sendTransaction({ to: operator.address, value: 1n })
  await anvil.rpc.call('evm_mine')
})
afterAll(async () => {
  await anvil?.stop()
  rmSync(folder, { recursive: true, force: true })
})

describe('an operator has sent what no journal knows', () => {
  test('going live is refused at every start, not only at the first', async () => {
    for (let n = 0; n < 2; n++) {
      const { code, stderr } = await run('lost')
      expect(code).toBe(2)
      expect(stderr).toContain(`Put back the journal of operator ${operator.address}`)
      expect(stderr).toContain('1 transactions where this data folder knows of 0')
      expect(stderr).not.toContain(operatorKey.slice(2))
    }
  }, 120_000)

  test('--accept-new-journal goes live all the same', async () => {
    const { code, stderr } = await run('lost', ['--accept-new-journal'])
    expect(stderr).not.toContain('Put back the journal')
    expect(code).toBe(0)
  }, 60_000)
})
