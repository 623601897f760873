import { InvariantError } from '../../core/errors.ts'
import type { Holding } from './holding.ts'
import { SCREEN_START, type ScreenWeights, SLOTS } from './screen-weights.ts'

/*
 * Owns the floats of the screen: for each account (a row) a run of entries, one for each reserve it uses.
 * 1. A row's entries lie together, from `start` on, `length` of them, in room for `room`.
 * 2. A row that outgrows its room moves to the end; the hole is taken back when holes are half of all.
 * 3. A row without entries is never found.
 * 4. Only what the contract would price is entered: collateral that is switched on, and debt.
 */
export interface ScreenColumns {
  /** Writes a row anew; `category` is the place of its e-mode category among the weights. */
  readonly write: (row: number, category: number, holdings: readonly Holding[]) => void
  /** Returns the rows whose sum is below zero, in order. */
  readonly scan: (weights: ScreenWeights) => readonly number[]
}

const grownInt = (old: Uint32Array, size: number): Uint32Array<ArrayBuffer> => {
  const next = new Uint32Array(size)
  next.set(old)
  return next
}

const grownFloat = (old: Float64Array, size: number): Float64Array<ArrayBuffer> => {
  const next = new Float64Array(size)
  next.set(old)
  return next
}

/** Creates empty columns. */
export const createScreenColumns = (): ScreenColumns => {
  let rows = 0
  let start = new Uint32Array(64)
  let length = new Uint32Array(64)
  let room = new Uint32Array(64)
  let used = 0
  let holes = 0
  let key = new Uint32Array(256)
  let supplied = new Float64Array(256)
  let owed = new Float64Array(256)

  const resize = (size: number): void => {
    key = grownInt(key, size)
    supplied = grownFloat(supplied, size)
    owed = grownFloat(owed, size)
  }

  const compact = (): void => {
    const [oldKey, oldSupplied, oldOwed] = [key.slice(), supplied.slice(), owed.slice()]
    used = 0
    holes = 0
    for (let row = 0; row < rows; row++) {
      const from = start[row]!
      start[row] = used
      for (let n = 0; n < length[row]!; n++) {
        key[used + n] = oldKey[from + n]!
        supplied[used + n] = oldSupplied[from + n]!
        owed[used + n] = oldOwed[from + n]!
      }
      used += room[row]!
    }
  }

  const makeRoom = (row: number, wanted: number): void => {
    if (room[row]! >= wanted) return
    holes += room[row]!
    room[row] = 0
    length[row] = 0
    if (holes > 1024 && holes * 2 > used) compact()
    const size = Math.max(2, wanted)
    if (used + size > key.length) resize(Math.max(key.length * 2, used + size))
    start[row] = used
    room[row] = size
    used += size
  }

  return {
    write: (row, category, holdings) => {
      if (row >= start.length) {
        const size = Math.max(start.length * 2, row + 1)
        start = grownInt(start, size)
        length = grownInt(length, size)
        room = grownInt(room, size)
      }
      rows = Math.max(rows, row + 1)
      const entered = holdings.filter(({ collateral, owedRaw }) => collateral || owedRaw !== 0n)
      makeRoom(row, entered.length)
      length[row] = entered.length
      entered.forEach((holding, n) => {
        if (holding.slot >= SLOTS) {
          throw new InvariantError(
            'SCREEN_SLOT_OUT_OF_RANGE',
            `A market has more than ${SLOTS} reserves: raise SLOTS above ${holding.slot}.`,
          )
        }
        const at = start[row]! + n
        key[at] = category * SLOTS + holding.slot
        supplied[at] = holding.collateral ? Number(holding.suppliedRaw) : 0
        owed[at] = Number(holding.owedRaw)
      })
    },
    scan: (weights) => {
      const found: number[] = []
      for (let row = 0; row < rows; row++) {
        const count = length[row]!
        if (count === 0) continue
        let sum = SCREEN_START
        const from = start[row]!
        for (let at = from; at < from + count; at++) {
          const place = key[at]!
          sum +=
            supplied[at]! * weights.supplied[place]! -
            owed[at]! * weights.owed[place]! -
            weights.slack[place]!
        }
        if (sum < 0) found.push(row)
      }
      return found
    },
  }
}
