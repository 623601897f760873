import { type ChildProcess, spawn } from 'node:child_process'
import { bareEnvironment } from '../../core/bare-environment.ts'
import { messageOf, TransientError } from '../../core/errors.ts'
import { mnemonic } from './accounts.ts'
import { anvilBinary } from './anvil-binary.ts'
import { createRpc, type Rpc } from './rpc.ts'

/**
 * Owns the anvil process.
 * 1. The child chooses its own free port and tells it, so that nobody else's node can answer in its place.
 * 2. Nothing is mined unless asked for; transactions stand in the order of their arrival.
 * 3. The child dies on `stop`, when this process exits, and when this process is killed: a shell holds a pipe
 *    from us and ends the child once the pipe closes.
 */
export interface Anvil {
  readonly httpUrl: string
  readonly wsUrl: string
  readonly pid: number
  readonly rpc: Rpc
  readonly stop: () => Promise<void>
}

/** A chain to begin from: its node, and the block, or the newest. */
export interface ForkOf {
  readonly url: string
  readonly block?: number | undefined
}

export type AnvilOptions = CommonOptions & (EmptyChain | { readonly fork: ForkOf })

/** Where an empty chain begins: time and number of its genesis block. */
interface EmptyChain {
  readonly startSec: number
  readonly firstBlock: number
}

interface CommonOptions {
  readonly chainId: number
  readonly gasLimit: number
  readonly timeoutMs?: number
  readonly log: (text: string) => void
}

/** Nothing of another chain is left on the disk, and a node that hangs is given up. */
const forkLimits = [
  '--no-storage-caching',
  '--timeout',
  '20000',
  '--retries',
  '2',
  '--hardfork',
  'osaka',
]

const beginOf = (options: EmptyChain | { readonly fork: ForkOf }): string[] => {
  if (!('fork' in options))
    return ['--timestamp', String(options.startSec), '--number', String(options.firstBlock)]
  const { url, block } = options.fork
  const at = block === undefined ? [] : ['--fork-block-number', String(block)]
  return ['--fork-url', url, ...at, ...forkLimits]
}

const argumentsOf = (options: AnvilOptions): string[] => [
  ...['--host', '127.0.0.1', '--port', '0'],
  ...['--chain-id', String(options.chainId)],
  ...beginOf(options),
  ...['--gas-limit', String(options.gasLimit)],
  ...['--mnemonic', mnemonic, '--accounts', '10', '--balance', '1000000'],
  ...['--no-mining', '--order', 'fifo', '--auto-impersonate', '--no-request-size-limit'],
  '--disable-console-log',
]

const failure = (why: string, cause?: unknown): TransientError =>
  new TransientError(
    'ANVIL_FAILED',
    `Start the local chain again: anvil ${why}.`,
    { why },
    { cause },
  )

/** Resolves with the port that the child says it listens on. */
const portOf = (child: ChildProcess, timeoutMs: number, secret: string): Promise<number> =>
  new Promise((resolve, reject) => {
    let said = ''
    const give = (why: string) => () => {
      clearTimeout(timer)
      const told = secret === '' ? said : said.replaceAll(secret, 'the node')
      reject(failure(`${why}; it said "${told.slice(-300).trim()}"`))
    }
    const timer = setTimeout(give(`did not listen within ${timeoutMs} ms`), timeoutMs)
    child.once('error', (thrown) => give(`did not start (${messageOf(thrown)})`)())
    child.once('exit', (code) => give(`exited with ${code} before it listened`)())
    const listen = (chunk: Buffer): void => {
      said += chunk.toString()
      const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1]
      if (port === undefined) return
      clearTimeout(timer)
      child.stdout?.off('data', listen)
      child.stderr?.off('data', listen)
      child.stdout?.resume()
      child.stderr?.resume()
      resolve(Number(port))
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
  })

/** Ends the child when this process dies in a way that lets no handler run; returns how to call that off. */
const guard = (pid: number): (() => void) => {
  if (process.platform === 'win32') return () => {}
  const shell = spawn('/bin/sh', ['-c', `read _; kill -9 ${pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: bareEnvironment(process.env),
    detached: true,
  })
  shell.unref()
  return () => {
    shell.kill('SIGKILL')
  }
}

/** Starts a local chain and resolves once it answers; throws a ConfigError without a binary, else a TransientError. */
export const startAnvil = async (options: AnvilOptions): Promise<Anvil> => {
  const timeoutMs = options.timeoutMs ?? 15_000
  const child = spawn(anvilBinary(), argumentsOf(options), {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: bareEnvironment(process.env),
  })
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const kill = (): void => {
    child.kill('SIGKILL')
  }
  process.once('exit', kill)
  const release = child.pid === undefined ? () => {} : guard(child.pid)
  const stop = async (): Promise<void> => {
    kill()
    await exited
  }
  void exited.then(() => {
    process.off('exit', kill)
    release()
  })

  try {
    // The address of a node may hold a key.
    const port = await portOf(child, timeoutMs, 'fork' in options ? options.fork.url : '')
    const httpUrl = `http://127.0.0.1:${port}`
    const rpc = createRpc(httpUrl)
    const chainId = Number(await rpc.call<string>('eth_chainId'))
    if (chainId !== options.chainId || child.exitCode !== null || child.pid === undefined) {
      throw failure(`answers for chain ${chainId}, not ${options.chainId}`)
    }
    await rpc.call('anvil_setLoggingEnabled', [false])
    options.log(`anvil ${child.pid} listens on ${httpUrl}`)
    return { httpUrl, wsUrl: `ws://127.0.0.1:${port}`, pid: child.pid, rpc, stop }
  } catch (thrown) {
    await stop()
    throw thrown
  }
}
