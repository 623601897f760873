import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { ConfigError, ProtocolError, TransientError } from '../../core/errors.ts'
import { startAnvil } from '../../sandbox/chain/anvil.ts'
import { anvilBinary } from '../../sandbox/chain/anvil-binary.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const genesis = { chainId: 1, startSec: 1_700_000_000, firstBlock: 1_000, gasLimit: 30_000_000 }
const log = (): void => {}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

const waitForEnd = async (pid: number): Promise<void> => {
  for (let i = 0; i < 100 && alive(pid); i++) await new Promise((done) => setTimeout(done, 50))
}

/** A process of its own that starts a chain, says its pid and waits. */
const parent = `
  import { startAnvil } from './sandbox/chain/anvil.ts'
  const anvil = await startAnvil({ ...${JSON.stringify(genesis)}, log() {} })
  process.stdout.write(String(anvil.pid) + '\\n')
  setInterval(() => {}, 1_000)
`

describe('anvil', () => {
  test('starts where it is told and mines nothing unasked', async () => {
    const anvil = await startAnvil({ ...genesis, log })
    try {
      const [number, block] = await anvil.rpc.batch<unknown>([
        { method: 'eth_blockNumber', params: [] },
        { method: 'eth_getBlockByNumber', params: ['latest', false] },
      ])
      expect(number).toBe('0x3e8')
      expect(block).toMatchObject({ timestamp: '0x6553f100', gasLimit: '0x1c9c380' })
      await expect(anvil.rpc.call('eth_noSuchMethod')).rejects.toThrow(ProtocolError)
    } finally {
      await anvil.stop()
    }
    expect(alive(anvil.pid)).toBe(false)
  })

  test('stops twice without complaint', async () => {
    const anvil = await startAnvil({ ...genesis, log })
    await anvil.stop()
    await expect(anvil.stop()).resolves.toBeUndefined()
  })

  test('two of them never share a port', async () => {
    const both = await Promise.all([
      startAnvil({ ...genesis, log }),
      startAnvil({ ...genesis, log }),
    ])
    expect(both[0].httpUrl).not.toBe(both[1].httpUrl)
    await Promise.all(both.map((anvil) => anvil.stop()))
  })

  test('dies with its parent, however that dies', async () => {
    const child = spawn(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '--eval', parent],
      { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
    const pid = Number(chunk.toString())
    expect(alive(pid)).toBe(true)
    child.kill('SIGKILL')
    await waitForEnd(pid)
    expect(alive(pid)).toBe(false)
  })

  test('gives up in time and leaves nothing behind', async () => {
    const started = startAnvil({ ...genesis, timeoutMs: 1, log })
    await expect(started).rejects.toThrow(TransientError)
  })

  test('asks for an install where npm has put no binary', () => {
    expect(() => anvilBinary('linux', 'mips')).toThrow(ConfigError)
    expect(anvilBinary()).toContain('anvil')
  })
})
