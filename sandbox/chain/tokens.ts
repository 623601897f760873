import { encodeDeployData } from 'viem'
import {
  noReturnTokenAbi,
  noReturnTokenBytecode,
} from '../../contracts/generated/no-return-token.ts'
import { tokenAbi, tokenBytecode } from '../../contracts/generated/token.ts'
import type { Address, Hex } from '../../core/types/chain.ts'
import { accounts } from './accounts.ts'
import { artifact, initCode } from './artifacts.ts'
import type { BlockWriter } from './block-writer.ts'
import type { Placed } from './construct.ts'
import type { Asset } from './mainnet.ts'

const weth = artifact('@aave/core-v3', 'dependencies/weth/WETH9')
const unlimited = 2n ** 256n - 1n

/** Token symbols whose transfers return nothing on mainnet. */
const noReturn: ReadonlySet<string> = new Set(['USDT'])

const tokenInitCode = ({ symbol, name, decimals }: Asset): Hex => {
  if (symbol === 'WETH') return initCode(weth)
  const args = [name, symbol, decimals] as const
  return noReturn.has(symbol)
    ? encodeDeployData({ abi: noReturnTokenAbi, bytecode: noReturnTokenBytecode, args })
    : encodeDeployData({ abi: tokenAbi, bytecode: tokenBytecode, args })
}

/** Returns the tokens at mainnet's addresses: the genuine WETH9, and our own for the rest. */
export const placedTokens = (listed: readonly Asset[]): Placed[] =>
  listed.map((asset) => ({
    what: asset.symbol,
    address: asset.token,
    initCode: tokenInitCode(asset),
  }))

/** Queues what gives an account an amount of a token: it wraps its own ether, all else the deployer mints. */
export const queueFunding = (
  writer: BlockWriter,
  { symbol, token }: Asset,
  to: Address,
  amountRaw: bigint,
): void => {
  if (symbol === 'WETH') {
    const deposit = { from: to, to: token, abi: weth.abi, valueWei: amountRaw }
    writer.invoke(deposit, 'deposit')
  } else {
    const contract = { from: accounts.deployer.address, to: token, abi: tokenAbi }
    writer.invoke(contract, 'mint', [to, amountRaw])
  }
}

/** Queues an approval, unlimited unless an amount is given. */
export const queueApproval = (
  writer: BlockWriter,
  { token }: Asset,
  from: Address,
  spender: Address,
  amountRaw: bigint = unlimited,
): void => {
  writer.invoke({ from, to: token, abi: tokenAbi }, 'approve', [spender, amountRaw])
}
