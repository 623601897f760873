import type { Event } from '../../core/types/event.ts'
import { ms } from '../../core/units.ts'
import { createMempoolSource } from '../../monitors/sources/mempool.ts'
import { createRpc } from '../../monitors/sources/rpc.ts'
import type { WatchedFeeds } from '../../monitors/sources/watched-feeds.ts'
import { quickLimits } from './a-chain-follower.ts'
import type { FaultyNode } from './a-faulty-node.ts'
import { eventually } from './a-websocket-server.ts'

/** A mempool's source of a node, once it stands as expected, beside the chain's source that tells it the feeds. */
export const aMempoolListener = async (
  node: FaultyNode,
  watched: WatchedFeeds,
  status: 'up' | 'down' = 'up',
) => {
  const events: Event[] = []
  const ending = new AbortController()
  const running = createMempoolSource({
    wsUrl: node.wsUrl,
    rpc: createRpc({ urls: [node.httpUrl], chainId: 1 }),
    watched,
    clock: () => ms(performance.timeOrigin + performance.now()),
    limits: quickLimits,
  }).start((event) => events.push(event), ending.signal)
  const updates = () =>
    events.flatMap((event) => (event.type === 'pending-update' ? [event.update] : []))
  const statuses = () => events.flatMap((event) => (event.type === 'source' ? [event] : []))
  await eventually(() => statuses().at(-1)?.status === status, `the source to be ${status}`)
  return {
    events,
    updates,
    statuses,
    hears: (count: number) =>
      eventually(() => updates().length >= count, `${count} updates, ${updates().length} came`),
    stop: async () => {
      ending.abort()
      await running
    },
  }
}
