import { createOracleBackrun } from './oracle-backrun.ts'
import { createPartialLiquidation } from './partial-liquidation.ts'

/** Every strategy by its name in the configuration, in the order in which they are asked. */
export const strategies = {
  'partial-liquidation': createPartialLiquidation,
  'oracle-backrun': createOracleBackrun,
} as const
