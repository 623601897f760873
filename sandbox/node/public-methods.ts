import type { RpcRequest } from '../chain/rpc.ts'

/** Methods that read state, and where their block tag stands. */
const stateReads: Readonly<Record<string, number>> = {
  eth_call: 1,
  eth_estimateGas: 1,
  eth_createAccessList: 1,
  eth_simulateV1: 1,
  eth_getBalance: 1,
  eth_getCode: 1,
  eth_getTransactionCount: 1,
  eth_getStorageAt: 2,
  eth_getProof: 2,
  eth_feeHistory: 1,
  debug_traceCall: 1,
}

/** Methods whose first parameter is a block that may be `pending`: the node builds none. */
const blockReads: ReadonlySet<string> = new Set([
  'eth_getBlockByNumber',
  'eth_getBlockReceipts',
  'eth_getBlockTransactionCountByNumber',
  'eth_getTransactionByBlockNumberAndIndex',
])

const passed: ReadonlySet<string> = new Set([
  ...Object.keys(stateReads),
  ...blockReads,
  'eth_blockNumber',
  'eth_chainId',
  'eth_gasPrice',
  'eth_maxPriorityFeePerGas',
  'eth_syncing',
  'eth_getBlockByHash',
  'eth_getBlockTransactionCountByHash',
  'eth_getTransactionByBlockHashAndIndex',
  'eth_getTransactionReceipt',
  'eth_getLogs',
  'eth_newFilter',
  'eth_newBlockFilter',
  'eth_getFilterChanges',
  'eth_getFilterLogs',
  'eth_uninstallFilter',
  'net_version',
  'net_listening',
  'web3_clientVersion',
  'web3_sha3',
  'debug_traceTransaction',
  'trace_block',
  'trace_transaction',
  'trace_filter',
])

/** Says whether a client may have this answered by the chain itself; what changes the chain is not among them. */
export const isPublic = (method: string): boolean => passed.has(method)

/** Says whether a request asks for the block in the making, which nobody outside may see. */
export const asksPendingBlock = ({ method, params }: RpcRequest): boolean =>
  blockReads.has(method) && params[0] === 'pending'

/**
 * Returns the request with `latest` where it reads the pending state or names no block: the chain behind the node
 * would execute what its producer is just landing, private transactions among it.
 */
export const atHead = <R extends RpcRequest>(request: R): R => {
  const position = stateReads[request.method]
  if (position === undefined) return request
  const tag = request.params[position]
  if (tag !== 'pending' && tag !== undefined && tag !== null) return request
  const params = Array.from({ length: Math.max(request.params.length, position + 1) }, (_, i) =>
    i === position ? 'latest' : (request.params[i] ?? null),
  )
  return { ...request, params }
}
