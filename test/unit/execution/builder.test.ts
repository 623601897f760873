import { describe, expect, test } from 'vitest'
import { assemble } from '../../../execution/builder.ts'
import { aBundle, anUpdate } from '../../support/a-bundle.ts'

const signed = [
  { intent: 'a', txHash: '0xaa', rawTx: '0x02aa' },
  { intent: 'b', txHash: '0xbb', rawTx: '0x02bb' },
] as const

describe('assemble', () => {
  test('the update opens the bundle and may not revert, the intents may', () => {
    const behind = anUpdate({ rawTx: '0x02cc' })
    expect(assemble(aBundle({ behind }), signed)).toEqual({
      id: 'bundle-0',
      targetBlock: 101,
      txs: ['0x02cc', '0x02aa', '0x02bb'],
      optionalTxHashes: ['0xaa', '0xbb'],
      replacementUuid: expect.any(String),
    })
  })

  test('behavior: without an update the intents stand at the top', () => {
    expect(assemble(aBundle(), signed).txs).toEqual(['0x02aa', '0x02bb'])
  })

  test('the replacement id is a UUID of version 4, one for each set of transactions', () => {
    const one = assemble(aBundle(), signed).replacementUuid
    expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(assemble(aBundle(), signed).replacementUuid).toBe(one)
    expect(assemble(aBundle(), signed.slice(1)).replacementUuid).not.toBe(one)
    expect(assemble(aBundle({ id: 'bundle-1' }), signed).replacementUuid).not.toBe(one)
  })
})
