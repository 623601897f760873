import { spawn } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { Redis } from 'ioredis'
import { bareEnvironment } from '../../core/bare-environment.ts'
import { TransientError } from '../../core/errors.ts'

export interface RedisServer {
  readonly binary: string
  readonly socket: string
  readonly stop: () => Promise<void>
}

/** Returns the path of a redis-server or valkey-server on the PATH, if there is one. */
export const findRedisServer = (path: string): string | undefined =>
  ['redis-server', 'valkey-server']
    .flatMap((name) =>
      path
        .split(delimiter)
        // An empty one means the folder that we happen to be in.
        .filter((folder) => folder !== '')
        .map((folder) => join(folder, name)),
    )
    .find((file) => {
      try {
        accessSync(file, constants.X_OK)
        return true
      } catch {
        return false
      }
    })

const untilReady = async (socket: string, deadlineMs: number): Promise<void> => {
  const started = Date.now()
  for (;;) {
    const client = new Redis({ path: socket, lazyConnect: true, retryStrategy: () => undefined })
    client.on('error', () => undefined)
    try {
      await client.connect()
      await client.ping()
      return
    } catch (error) {
      if (Date.now() - started > deadlineMs)
        throw new TransientError(
          'REDIS_NOT_READY',
          `The redis-server child did not answer within ${deadlineMs} ms; set REDIS_URL to a running server.`,
          {},
          { cause: error },
        )
      await new Promise((resolve) => setTimeout(resolve, 20))
    } finally {
      client.disconnect()
    }
  }
}

/** Starts a server of our own on a unix socket, with its append-only file in the data folder and no eviction. */
export const startRedisServer = async (binary: string, dataDir: string): Promise<RedisServer> => {
  const folder = join(dataDir, 'redis')
  mkdirSync(folder, { recursive: true })
  // A socket path is limited to some 100 bytes, which a data folder may exceed.
  const socketFolder = mkdtempSync(join(tmpdir(), 'bailiff-redis-'))
  const socket = join(socketFolder, 'redis.sock')
  const child = spawn(
    binary,
    [
      '--port',
      '0',
      '--unixsocket',
      socket,
      '--dir',
      folder,
      '--appendonly',
      'yes',
      '--save',
      '',
      '--maxmemory-policy',
      'noeviction',
      '--daemonize',
      'no',
    ],
    { stdio: 'ignore', env: bareEnvironment(process.env) },
  )
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  // Killed ourselves we run no handler: a shell that holds a pipe from us ends the server once the pipe closes.
  const guard = spawn('/bin/sh', ['-c', `read _; kill -9 ${child.pid}`], {
    stdio: ['pipe', 'ignore', 'ignore'],
    env: bareEnvironment(process.env),
    detached: true,
  })
  guard.on('error', () => undefined)
  guard.unref()
  const killNow = () => child.kill('SIGKILL')
  process.once('exit', killNow)
  const stop = async (): Promise<void> => {
    process.off('exit', killNow)
    child.kill('SIGTERM')
    const force = setTimeout(killNow, 2_000)
    await exited
    clearTimeout(force)
    guard.kill('SIGKILL')
    rmSync(socketFolder, { recursive: true, force: true })
  }
  try {
    await Promise.race([
      untilReady(socket, 5_000),
      exited.then(() => {
        throw new TransientError(
          'REDIS_EXITED',
          `${binary} ended at once; start it by hand to see why, or set REDIS_URL.`,
        )
      }),
    ])
  } catch (error) {
    await stop()
    throw error
  }
  return { binary, socket, stop }
}
