/**
 * A pool in the shape of node-postgres over one in-process PGlite, for BullMQ's PostgreSQL backend.
 *
 * 1. There is one connection; every client handed out is that connection.
 * 2. Statements without parameters go through `exec`, since migrations hold several in one text.
 * 3. Notifications reach every client that listens.
 */
import { EventEmitter } from 'node:events'
import { PGlite } from '@electric-sql/pglite'
import { DEFAULT_SCHEMA, type PgPool, type PgQueryResult, runMigrations } from 'bullmq'

/** Opens the store in a folder, brings its schema up to date and returns it as a pool. */
export const openPglitePool = async (folder: string): Promise<PgPool> => {
  const database = await PGlite.create(folder)
  const emitters = new Set<EventEmitter>()
  database.onNotification((channel, payload) => {
    for (const emitter of emitters) emitter.emit('notification', { channel, payload })
  })

  const query = async <R>(
    text: string,
    parameters?: readonly unknown[],
  ): Promise<PgQueryResult<R>> => {
    if (parameters && parameters.length > 0) {
      const { rows, affectedRows } = await database.query<R>(text, [...parameters])
      return { rows, rowCount: affectedRows ?? rows.length }
    }
    const results = await database.exec(text)
    const last = results.at(-1)
    return {
      rows: (last?.rows ?? []) as R[],
      rowCount: last?.affectedRows ?? last?.rows.length ?? 0,
    }
  }

  const createClient = () => {
    const emitter = new EventEmitter()
    emitters.add(emitter)
    return Object.assign(emitter, { query, release: () => void emitters.delete(emitter) })
  }

  const pool = Object.assign(new EventEmitter(), {
    query,
    connect: async () => createClient(),
    end: () => database.close(),
    options: { keepAlive: true },
  }) as unknown as PgPool

  await runMigrations(await pool.connect(), DEFAULT_SCHEMA)
  await database.exec(`SET search_path TO ${DEFAULT_SCHEMA}, public`)
  return pool
}
