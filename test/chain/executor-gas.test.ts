import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { executorBytecode } from '../../contracts/generated/executor.ts'
import { accountAt } from '../../sandbox/chain/accounts.ts'
import { alice, anExecutorWorld, mallory } from '../support/an-executor-world.ts'

/** Gas of whole transactions on the genuine contracts; `UPDATE_GAS=1` writes it anew. */
const file = new URL('../../contracts/gas.json', import.meta.url)
const tolerance = 0.02
const usd = 10n ** 6n
const ether = 10n ** 18n

/** Nine like alice, a tenth her size. */
const crowd = Array.from({ length: 9 }, (_, index) => accountAt(2_100 + index).address)

const world = await anExecutorWorld(async ({ open, answer }) => {
  await open(alice, ['WETH', 80n * ether], ['USDC', 100_000n * usd])
  for (const account of crowd) await open(account, ['WETH', 8n * ether], ['USDC', 10_000n * usd])
  await open(mallory, ['WETH', 80n * ether], ['USDT', 100_000n * usd])
  await answer('WETH', 1_450)
})
const { item, execute, open, answer, executor, rpc } = world

const gasOf = async (items: Parameters<typeof execute>[0], bidBps = 7_300n): Promise<number> => {
  const { status, gasUsed, failures } = await execute(items, { bidBps })
  expect([status, failures.length]).toEqual(['success', 0])
  return Number(gasUsed)
}

/** What was measured is undone, so that each case begins alike. */
const apart = async (measure: () => Promise<number>): Promise<number> => {
  const snapshot = await rpc.call('evm_snapshot')
  const gas = await measure()
  await rpc.call('evm_revert', [snapshot])
  return gas
}

const fromWeth = item(['WETH', 'USDC'], 40_000n * usd)

test('the gas of each kind of liquidation is within 2 % of what is committed', async () => {
  // The treasury holds WETH in all but the first transaction of its life.
  await world.fund(mallory, 'WETH', 1n)
  await execute([item(['WETH', 'USDC'], 1_000n * usd)])
  const measured = {
    'WETH for USDC, one pool': await apart(() => gasOf([fromWeth])),
    'WETH for USDC, one pool, no bid': await apart(() => gasOf([fromWeth], 0n)),
    'WETH for USDT, one pool': await apart(() =>
      gasOf([item(['WETH', 'USDT'], 40_000n * usd, { account: mallory })]),
    ),
    'WETH for USDC and WETH for USDT': await apart(() =>
      gasOf([fromWeth, item(['WETH', 'USDT'], 40_000n * usd, { account: mallory })]),
    ),
    'WETH for USDC of ten accounts': await apart(() =>
      gasOf([
        fromWeth,
        ...crowd.map((account) => item(['WETH', 'USDC'], 4_000n * usd, { account })),
      ]),
    ),
    'WBTC for USDC, two pools and a sale': await apart(async () => {
      await open(mallory, ['WBTC', 10n * 10n ** 8n], ['USDC', 180_000n * usd])
      await answer('WBTC', 22_000)
      return gasOf([item(['WBTC', 'USDC'], 50_000n * usd, { account: mallory })])
    }),
    'LINK for USDT, two pools and a sale': await apart(async () => {
      await open(mallory, ['LINK', 20_000n * ether], ['USDT', 60_000n * usd])
      await answer('LINK', 3.8)
      return gasOf([item(['LINK', 'USDT'], 20_000n * usd, { account: mallory })])
    }),
    'one item that fails before one that is closed': await apart(async () => {
      const { gasUsed, failures } = await execute([{ ...fromWeth, account: executor }, fromWeth])
      expect(failures).toHaveLength(1)
      return Number(gasUsed)
    }),
    'bytes of code': (executorBytecode.length - 2) / 2,
  }
  if (process.env.UPDATE_GAS !== undefined) {
    writeFileSync(file, `${JSON.stringify(measured, undefined, 2)}\n`)
  }
  const committed = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>
  expect(Object.keys(measured)).toEqual(Object.keys(committed))
  const report = Object.entries(measured).map(([name, gas]) => ({
    name,
    gas,
    committed: committed[name]!,
    off: `${(100 * (gas / committed[name]! - 1)).toFixed(2)} %`,
  }))
  process.stdout.write(
    `${report.map(({ name, gas, off }) => `${name}: ${gas} (${off})`).join('\n')}\n`,
  )
  for (const { name, gas, committed: before } of report) {
    expect(Math.abs(gas / before - 1), name).toBeLessThan(tolerance)
  }
})
