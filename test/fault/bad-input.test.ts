import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generatePrivateKey } from 'viem/accounts'
import { afterAll, describe, expect, test } from 'vitest'
import { startAnvil } from '../../sandbox/chain/anvil.ts'
import { runBailiff } from '../support/run-bailiff.ts'

const folder = mkdtempSync(join(tmpdir(), 'bailiff-input-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const mainnet = readFileSync(new URL('../../config/mainnet.yaml', import.meta.url), 'utf8')
const endpoints = { BAILIFF_RPC_HTTP: 'http://127.0.0.1:9', BAILIFF_RPC_WS: 'ws://127.0.0.1:9' }

const aConfig = (text: string): string => {
  const file = join(folder, `${generatePrivateKey().slice(2, 10)}.yaml`)
  writeFileSync(file, text)
  return file
}

describe('run', () => {
  test('lists every fault of a configuration at once and exits with 2', async () => {
    const file = aConfig(
      mainnet
        .replace('rpcHttp:', 'rpcHtpp:')
        .replace('0xC02aaA', '0xc02aaA')
        .replace('mode: watch', 'mode: whatch'),
    )
    const { code, stderr } = await runBailiff(['run', '--config', file], { env: endpoints })
    expect(code).toBe(2)
    expect(stderr).toContain('chain.rpcHtpp: unknown key; did you mean "rpcHttp"?')
    expect(stderr).toContain('has a bad checksum: write 0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2')
    expect(stderr).toContain('mode: Invalid option')
  })

  test('names the environment variables that are not set', async () => {
    const { code, stderr } = await runBailiff(['run', '--config', aConfig(mainnet)], {
      env: { BAILIFF_RPC_HTTP: '', BAILIFF_RPC_WS: '' },
    })
    expect(code).toBe(2)
    expect(stderr).toContain('chain.rpcHttp: environment variable BAILIFF_RPC_HTTP is not set')
    expect(stderr).toContain('chain.rpcWs: environment variable BAILIFF_RPC_WS is not set')
  })

  test('never takes a key from the file, and quotes none', async () => {
    const key = generatePrivateKey()
    const file = aConfig(mainnet.replace('env?:BAILIFF_OPERATOR_KEYS', `'${key}'`))
    const { code, stderr } = await runBailiff(['run', '--config', file], { env: endpoints })
    expect(code).toBe(2)
    expect(stderr).toContain('keys.operators: a key never stands in the file')
    expect(stderr).not.toContain(key.slice(2))
  })

  test('refuses a node of another chain', async () => {
    const anvil = await startAnvil({
      chainId: 31_337,
      startSec: 1_700_000_000,
      firstBlock: 1,
      gasLimit: 30_000_000,
      log: () => undefined,
    })
    try {
      const { code, stderr } = await runBailiff(
        [
          'run',
          '--config',
          aConfig(mainnet.replace('.bailiff/mainnet', join(folder, 'other-chain'))),
        ],
        { env: { BAILIFF_RPC_HTTP: anvil.httpUrl, BAILIFF_RPC_WS: anvil.wsUrl } },
      )
      expect(code).toBe(2)
      expect(stderr).toMatch(/chain 1\b.*chain 31337/)
    } finally {
      await anvil.stop()
    }
  })

  test('says what to do about a file that cannot be read', async () => {
    const { code, stderr } = await runBailiff(['run', '--config', join(folder, 'none.yaml')])
    expect(code).toBe(2)
    expect(stderr).toContain('Give --config a file that can be read')
  })
})

describe('demo', () => {
  test('says so when its port is busy, and leaves nothing running', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo
    try {
      const { code, stderr } = await runBailiff(['demo', '--once', '--rpc-port', String(port)])
      expect(code).toBe(2)
      expect(stderr).toContain(`port ${port} of 127.0.0.1 cannot be had`)
    } finally {
      taken.close()
    }
  })

  test('knows no other scenario than those that ship', async () => {
    const { code, stderr } = await runBailiff(['demo', '--once', '--scenario', 'boom'])
    expect(code).toBe(2)
    expect(stderr).toContain('one that ships: crash, calm')
  })
})

describe('replay', () => {
  test('refuses what is no journal', async () => {
    const { code, stderr } = await runBailiff(['replay', aConfig('mode: watch\n')])
    expect(code).toBe(2)
    expect(stderr).toContain('bailiff-journal')
  })
})

test.each([
  [[]],
  [['demo']],
  [['run']],
  [['scenario', 'run']],
  [['replay']],
  [['positions']],
  [['fork']],
])('%j --help', async (args) => {
  const { code, stdout } = await runBailiff([...args, '--help'])
  expect(code).toBe(0)
  expect(stdout).toContain('Usage: bailiff')
})

test('an unknown command is misuse', async () => {
  const { code, stderr } = await runBailiff(['dmeo'])
  expect(code).toBe(2)
  expect(stderr).toContain("unknown command 'dmeo'")
  expect(stderr).toContain('demo')
})

test('a node that is down is waited for, and an interrupt ends the wait', async () => {
  let interrupted = false
  const { code, stderr } = await runBailiff(
    ['run', '--config', aConfig(mainnet.replace('.bailiff/mainnet', join(folder, 'down')))],
    {
      env: endpoints,
      timeoutMs: 30_000,
      onStderr: (text, pid) => {
        if (interrupted || !text.includes('tried again for ever')) return
        interrupted = true
        process.kill(pid, 'SIGTERM')
      },
    },
  )
  expect(stderr).toContain('The node does not answer yet')
  expect(code).toBe(0)
})

test('positions: a node that is down ends it at once, with its name', async () => {
  const file = aConfig(mainnet)
  const { code, stderr } = await runBailiff(['positions', '--config', file], { env: endpoints })
  expect(code).toBe(1)
  expect(stderr).toContain('again later: http://127.0.0.1:9')
})

test.each([
  [['--min-usd', 'many'], 'Give an amount of dollars'],
  [['--limit', '0'], 'Give a whole number above zero'],
])('positions: %j is misuse', async (options, text) => {
  const { code, stderr } = await runBailiff(['positions', '--config', 'x.yaml', ...options])
  expect(code).toBe(2)
  expect(stderr).toContain(text)
})

test('an unknown option is misuse', async () => {
  const { code, stderr } = await runBailiff(['run', '--config', 'x', '--confg', 'y'])
  expect(code).toBe(2)
  expect(stderr).toContain('--confg')
})
