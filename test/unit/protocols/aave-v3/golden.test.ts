import { describe, expect, test } from 'vitest'
import { WAD } from '../../../../core/units.ts'
import { anAaveBook, changesIn } from '../../../support/an-aave-book.ts'
import { goldenView, readGolden } from '../../../support/golden-health.ts'

describe('the golden accounts', () => {
  const markets = readGolden()

  test('are many, and most have several collaterals', () => {
    const accounts = markets.flatMap((golden) => golden.accounts)
    const several = accounts.filter(
      ({ holdings }) => holdings.filter(({ collateral }) => collateral).length > 1,
    )
    expect(accounts.length).toBeGreaterThan(300)
    expect(several.length).toBeGreaterThan(200)
  })

  test.each(markets)('of $market.pool are what the genuine pool said', (golden) => {
    const book = anAaveBook(golden.market, changesIn(golden.market, golden.accounts))
    const view = goldenView(golden)
    const screened = new Set<string>(book.screen(view))
    for (const account of golden.accounts) {
      const { address, collateralBase, debtBase, healthFactorWad } = account
      const audited = book.audited(address, view)
      expect(audited).toEqual({ account: address, collateralBase, debtBase, healthFactorWad })
      if (healthFactorWad < WAD) expect(screened).toContain(address)
    }
  })
})
