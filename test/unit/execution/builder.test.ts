import { describe, expect, test } from 'vitest'
import { assemble } from '../../../execution/builder.ts'
import { aBundle, anUpdate } from '../../support/a-bundle.ts'

const signed = [
  { intent: 'a', txHash: '0xaa', rawTx: '0x02aa' },
  { intent: 'b', txHash: '0xbb', rawTx: '0x02bb' },
] as const

describe('assemble', () => {
  test('the update opens the bundle', () => {
    const behind = anUpdate({ rawTx: '0x02cc' })
    expect(assemble(aBundle({ behind }), signed)).toEqual({
      id: 'bundle-0',
      targetBlock: 101,
      txs: ['0x02cc', '0x02aa', '0x02bb'],
      txHashes: [behind.txHash, '0xaa', '0xbb'],
      replacementUuid: expect.any(String),
      replacementNonce: 2,
    })
  })

  test('behavior: without an update the intents stand at the top', () => {
    expect(assemble(aBundle(), signed).txs).toEqual(['0x02aa', '0x02bb'])
  })

  test('the replacement id is a UUID of version 4, of the first intent and the block', () => {
    const one = assemble(aBundle(), signed).replacementUuid
    expect(one).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(assemble(aBundle(), signed).replacementUuid).toBe(one)
    expect(assemble(aBundle(), signed.slice(1)).replacementUuid).not.toBe(one)
    expect(assemble(aBundle({ targetBlock: 102 }), signed).replacementUuid).not.toBe(one)
  })

  test('a bundle that repeats another replaces it, with a higher nonce', () => {
    const behind = anUpdate({ txHash: '0xc1', rawTx: '0x02c1' })
    const first = assemble(aBundle({ behind }), signed.slice(0, 1))
    const ahead = [
      { txHash: '0xc1', rawTx: '0x02c1', isOurs: false },
      { txHash: '0xaa', rawTx: '0x02aa', isOurs: true },
    ] as const
    const second = assemble(
      aBundle({ id: 'bundle-1', ahead, behind: anUpdate({ txHash: '0xc2', rawTx: '0x02c2' }) }),
      signed.slice(1),
    )
    expect(second.txs).toEqual(['0x02c1', '0x02aa', '0x02c2', '0x02bb'])
    expect(second.replacementUuid).toBe(first.replacementUuid)
    expect(second.replacementNonce).toBeGreaterThan(first.replacementNonce)
  })
})
