import { describe, expect, test } from 'vitest'
import { standingBefore } from '../../../bot/standing-before.ts'
import { aBundle, anUpdate, aPlan } from '../../support/a-bundle.ts'

const signed = (intent: string) => ({
  intent,
  txHash: `0x0${intent}` as const,
  rawTx: `0x1${intent}` as const,
})

describe('standingBefore', () => {
  const first = anUpdate({ txHash: '0xa1', rawTx: '0xb1' })
  const second = anUpdate({ txHash: '0xa2', rawTx: '0xb2' })

  test('nothing stands before a plan without updates and without open bundles', () => {
    expect(standingBefore(aPlan({}), [])).toEqual([])
  })

  test('an earlier update alone, when nothing was planned behind it', () => {
    expect(standingBefore(aPlan({ behind: second, ahead: [first] }), [])).toEqual([
      { txHash: '0xa1', rawTx: '0xb1', isOurs: false },
    ])
  })

  test('the signed bundle before, whole and once, then updates that it does not hold', () => {
    const third = anUpdate({ txHash: '0xa3', rawTx: '0xb3' })
    const bundle = aBundle({ behind: first })
    const open = [{ bundle, signed: [signed('1')] }, { bundle: aBundle({ id: 'unsigned' }) }]
    expect(standingBefore(aPlan({ behind: third, ahead: [first, second] }), open)).toEqual([
      { txHash: '0xa1', rawTx: '0xb1', isOurs: false },
      { txHash: '0x01', rawTx: '0x11', isOurs: true },
      { txHash: '0xa2', rawTx: '0xb2', isOurs: false },
    ])
  })

  test('never the update that the plan itself stands behind', () => {
    const open = [{ bundle: aBundle({ behind: first }), signed: [signed('1')] }]
    expect(standingBefore(aPlan({ behind: first }), open).map(({ txHash }) => txHash)).toEqual([
      '0x01',
    ])
  })
})
