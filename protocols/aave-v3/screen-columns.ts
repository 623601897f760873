import { InvariantError } from '../../core/errors.ts'
import type { Holding } from './holding.ts'
import { SCREEN_START, type ScreenWeights, SLOTS } from './screen-weights.ts'

/*
 * Owns the floats of the screen: for each account (a row) a run of entries, one for each reserve it uses.
 * 1. A row's entries lie together, from `start` on, `length` of them, in room for `room`.
 * 2. A row that outgrows its room moves to the end; the hole is taken back when holes are half of all.
 * 3. A row without entries is never found.
 * 4. Only what the contract would price is entered: collateral that is switched on, and debt.
 * 5. Who was found is remembered with the weights: the next scan looks at rows that were written since and at those
 *    exposed to a weight that changed, unless these are so many that looking at all is quicker.
 * 6. The rows exposed to a weight are all that it enters, and some that it entered once.
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
  let last: ScreenWeights | undefined
  const written = new Set<number>()
  const found = new Set<number>()
  let exposed: number[][] = []
  let exposures = 0

  const expose = (row: number, place: number): void => {
    exposed[place] ??= []
    exposed[place].push(row)
    exposures++
  }

  /** Forgets what rows were exposed to once. */
  const exposeAnew = (): void => {
    exposed = []
    exposures = 0
    for (let row = 0; row < rows; row++)
      for (let n = 0; n < length[row]!; n++) expose(row, key[start[row]! + n]!)
  }

  const isBelow = (row: number, weights: ScreenWeights): boolean => {
    const from = start[row]!
    const to = from + length[row]!
    if (from === to) return false
    let sum = SCREEN_START
    for (let at = from; at < to; at++) {
      const place = key[at]!
      sum +=
        supplied[at]! * weights.supplied[place]! -
        owed[at]! * weights.owed[place]! -
        weights.slack[place]!
    }
    return sum < 0
  }

  const look = (row: number, weights: ScreenWeights): void => {
    if (isBelow(row, weights)) found.add(row)
    else found.delete(row)
  }

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
      const before = new Set(key.subarray(start[row]!, start[row]! + length[row]!))
      makeRoom(row, entered.length)
      length[row] = entered.length
      written.add(row)
      entered.forEach((holding, n) => {
        if (holding.slot >= SLOTS) {
          throw new InvariantError(
            'SCREEN_SLOT_OUT_OF_RANGE',
            `A market has more than ${SLOTS} reserves: raise SLOTS above ${holding.slot}.`,
          )
        }
        const at = start[row]! + n
        const place = category * SLOTS + holding.slot
        key[at] = place
        if (!before.has(place)) expose(row, place)
        supplied[at] = holding.collateral ? Number(holding.suppliedRaw) : 0
        owed[at] = Number(holding.owedRaw)
      })
    },
    scan: (weights) => {
      if (exposures > 1_024 && exposures > 2 * (used - holes)) exposeAnew()
      const changed = last && placesThatDiffer(last, weights)
      const touched = changed?.reduce((sum, place) => sum + (exposed[place]?.length ?? 0), 0)
      if (changed === undefined || touched! + written.size > rows / ALL_ABOVE) {
        found.clear()
        for (let row = 0; row < rows; row++) if (isBelow(row, weights)) found.add(row)
      } else {
        for (const row of written) look(row, weights)
        for (const place of changed) for (const row of exposed[place] ?? []) look(row, weights)
      }
      written.clear()
      last = weights
      return [...found].sort((a, b) => a - b)
    },
  }
}

/** Looking at rows here and there takes twice as long as in a row. */
const ALL_ABOVE = 2

/** The places of weights that are not what they were; undefined when there are other places. */
const placesThatDiffer = (
  before: ScreenWeights,
  now: ScreenWeights,
): readonly number[] | undefined => {
  if (before.owed.length !== now.owed.length) return undefined
  const places: number[] = []
  for (let place = 0; place < now.owed.length; place++)
    if (
      !Object.is(before.supplied[place], now.supplied[place]) ||
      !Object.is(before.owed[place], now.owed[place]) ||
      !Object.is(before.slack[place], now.slack[place])
    )
      places.push(place)
  return places
}
