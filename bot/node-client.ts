import { createPublicClient, custom, type PublicClient } from 'viem'
import type { Rpc } from '../monitors/sources/rpc.ts'

/** Creates viem's client over our own calls, whose errors name no more of a node's address than its origin. */
export const createNodeClient = (rpc: Rpc): PublicClient =>
  createPublicClient({
    transport: custom(
      { request: ({ method, params = [] }) => rpc.request(method, params, (value) => value) },
      { retryCount: 0 },
    ),
  })
