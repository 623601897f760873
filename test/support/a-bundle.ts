import type { Address, Hex, PendingUpdate } from '../../core/types/chain.ts'
import type { Bundle, Intent, Plan, PlanItem } from '../../core/types/plan.ts'
import { bps, gas, ms, raw, wei } from '../../core/units.ts'

const weth: Address = '0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2'
const usdc: Address = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48'
const pool: Address = '0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640'

/** Anvil's fourth account, known to everyone. */
export const bobKey: Hex = '0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6'
export const bob: Address = '0x90F79bf6EB2c4f870365E785982E1f101E93b906'
export const alice: Address = '0x00000000000000000000000000000000000a11ce'

export const anItem = (item: Partial<PlanItem> = {}): PlanItem => ({
  position: `aave-v3:${(item.account ?? alice).toLowerCase()}`,
  account: alice,
  collateral: weth,
  debt: usdc,
  repayRaw: raw(1_000_000_000n),
  seizeRaw: raw(620_000_000_000_000_000n),
  route: [{ pool, zeroForOne: false }],
  owedRaw: raw(600_000_000_000_000_000n),
  settle: [],
  profitWei: wei(20_000_000_000_000_000n),
  bidWei: wei(14_600_000_000_000_000n),
  netUsd: 9,
  eligibleBlock: 101,
  ...item,
})

export const aPlan = (plan: Partial<Plan> = {}): Plan => ({
  kind: 'liquidation',
  id: 'partial:101:0',
  strategy: 'partial',
  protocol: 'aave-v3',
  targetBlock: 101,
  parentHash: `0x${'ab'.repeat(32)}`,
  items: [anItem()],
  bidBps: bps(7_300),
  minProfitWei: wei(10_000_000_000_000_000n),
  gasLimit: gas(800_000n),
  maxFeePerGasWei: wei(30_000_000_000n),
  ...plan,
})

export const anIntent = (intent: Partial<Intent> = {}): Intent => ({
  id: 'intent-0',
  plan: aPlan(),
  operator: bob,
  nonce: 0,
  deadlineBlock: 101,
  ...intent,
})

export const anUpdate = (update: Partial<PendingUpdate> = {}): PendingUpdate => ({
  aggregator: '0x0000000000000000000000000000000000000a66',
  txHash: `0x${'0c'.repeat(32)}`,
  rawTx: '0x02c0',
  from: '0x0000000000000000000000000000000000007a45',
  answerRaw: raw(160_000_000_000n),
  epochAndRound: 257,
  gasLimit: gas(300_000n),
  maxFeePerGasWei: wei(10n ** 13n),
  seenMs: ms(0),
  ...update,
})

export const aBundle = (bundle: Partial<Bundle> = {}): Bundle => ({
  id: 'bundle-0',
  targetBlock: 101,
  intents: [anIntent()],
  ...bundle,
})
