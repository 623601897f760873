/** Writes aave-v3-health.json anew from the genuine bytecode: `npx tsx test/golden/write-aave-v3-health.ts`. */
import { writeFileSync } from 'node:fs'
import { startAaveLab } from '../support/aave-lab.ts'
import { type GoldenMarket, goldenFile, toGolden } from '../support/golden-health.ts'
import { readAccounts } from '../support/lab-accounts.ts'
import { followLab } from '../support/lab-follower.ts'
import { populate, stir } from '../support/lab-population.ts'
import { seeded } from '../support/seeded.ts'

const borrowerCount = 160
const markets: GoldenMarket[] = []

for (const seed of [101, 202]) {
  const random = seeded(seed)
  const lab = await startAaveLab()
  const follower = await followLab(lab)
  const borrowers = await populate(lab, follower, random, borrowerCount)
  for (let round = 0; round < 3; round++) await stir(lab, follower, random, borrowers)
  for (const { feed, usd } of lab.assets) {
    await follower.setUsd(feed, usd * random.between(0.6, 1.5))
  }
  const { timestampSec } = await follower.mine([], 86_400)
  await follower.reread()
  const market = follower.market()
  const view = follower.view(timestampSec)
  const feeds = [...lab.assets.map(({ feed }) => feed), lab.categoryFeed]
  const accounts = await readAccounts(lab, market, borrowers)
  markets.push({
    market,
    timestampSec,
    answers: Object.fromEntries(
      feeds.map((feed) => {
        const key = feed.toLowerCase() as typeof feed
        return [key, view.priceOf(key)!]
      }),
    ),
    accounts: accounts
      .filter(({ stable, debtBase }) => !stable && debtBase > 0n)
      .map((account) => ({
        ...account,
        holdings: account.holdings.filter(
          ({ suppliedRaw, owedRaw, collateral }) => suppliedRaw > 0n || owedRaw > 0n || collateral,
        ),
      })),
  })
  await lab.chain.anvil.stop()
}

writeFileSync(goldenFile, `${toGolden(markets)}\n`)
