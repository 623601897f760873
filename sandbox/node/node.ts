import { createRpc } from '../chain/rpc.ts'
import { createTxDecoder, type DecodeTx } from './decode-tx.ts'
import { createDispatcher } from './dispatcher.ts'
import { createHttpEndpoint } from './http-endpoint.ts'
import { createMempool, type Mempool } from './mempool.ts'
import { type OwnMethod, ownMethods } from './own-methods.ts'
import { createSubscriptions } from './subscriptions.ts'
import { createUpstream } from './upstream.ts'
import { createWsEndpoint } from './ws-endpoint.ts'

/**
 * A public node in front of a local chain: owns the public mempool and both endpoints.
 *
 * 1. What is sent in the open waits in this mempool; the chain's own pool is the block producer's workbench and is
 *    never seen from here, neither by subscription nor as pending state.
 * 2. Methods that change the chain other than by a signed transaction do not exist.
 * 3. Everything else is answered by the chain.
 */
export interface PublicNode {
  readonly httpUrl: string
  readonly wsUrl: string
  readonly mempool: Mempool
  readonly decode: DecodeTx
  /** Answers a method of our own from now on. */
  readonly serve: (method: string, answer: OwnMethod) => void
  readonly stop: () => Promise<void>
}

/** Starts a public node on a free port of 127.0.0.1, HTTP and websocket alike. */
export const createNode = async ({
  anvilHttpUrl,
  anvilWsUrl,
  port,
  log,
}: {
  readonly anvilHttpUrl: string
  readonly anvilWsUrl: string
  /** Any free one unless given. */
  readonly port?: number | undefined
  readonly log: (text: string) => void
}): Promise<PublicNode> => {
  const rpc = createRpc(anvilHttpUrl)
  const chainId = Number(await rpc.call<string>('eth_chainId'))
  const mempool = createMempool()
  const decode = createTxDecoder(chainId)
  const upstream = createUpstream(anvilHttpUrl)
  const own = new Map(ownMethods({ rpc, mempool, decode, chainId }))
  const dispatch = createDispatcher({ upstream, own })
  const http = await createHttpEndpoint({
    answer: async (body) => ({ status: 200, body: await dispatch(body) }),
    log,
    port,
  })
  const ws = createWsEndpoint({
    server: http.server,
    dispatch,
    subscriptions: (connection) =>
      createSubscriptions({ anvilWsUrl, mempool, chainId, ...connection }),
    log,
  })
  return {
    httpUrl: `http://127.0.0.1:${http.port}`,
    wsUrl: `ws://127.0.0.1:${http.port}`,
    mempool,
    decode,
    serve: (method, answer) => {
      own.set(method, answer)
    },
    stop: async () => {
      ws.stop()
      await http.stop()
      upstream.stop()
    },
  }
}
