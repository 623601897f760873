import { FlashbotsBundleProvider } from '@flashbots/ethers-provider-bundle'
import { FetchRequest, JsonRpcProvider, Network, Wallet } from 'ethers'
import { messageOf } from '../../core/errors.ts'
import type { Hex } from '../../core/types/chain.ts'
import type { Builder } from '../builder.ts'
import { type Answer, readAnswer, refused, unwell } from './answer.ts'
import { post } from './post.ts'

/**
 * Creates a builder that is spoken to through `@flashbots/ethers-provider-bundle` 1.0.0.
 * Its `wait`, statistics and conflict calls are never used: the first ends the process when a node is behind, the
 * others ask services that are gone. It has two manners of refusing, a result with `error` and a plain Error for every
 * HTTP status but 2xx, and it stumbles over a null result; what came over the wire decides.
 */
export const createFlashbotsBuilder = (deps: {
  readonly name: string
  readonly url: string
  readonly deadlineMs: number
  readonly authKey: Hex
  readonly chainId: number
}): Builder => {
  const { name, url, deadlineMs } = deps
  const auth = new Wallet(deps.authKey)
  const network = Network.from(deps.chainId)
  // Only what is never called would ask this provider.
  const unasked = new JsonRpcProvider(url, network, { staticNetwork: network })

  const ask = async (
    signal: AbortSignal,
    call: (provider: FlashbotsBundleProvider) => Promise<string>,
  ): Promise<string> => {
    let answer: Answer | undefined
    const connection = new FetchRequest(url)
    connection.timeout = deadlineMs
    connection.retryFunc = async () => false
    connection.getUrlFunc = async ({ headers, body }) => {
      const text = new TextDecoder().decode(body ?? new Uint8Array())
      answer = await post({ builder: name, url, headers, body: text, signal })
      return {
        statusCode: answer.status,
        statusMessage: '',
        headers: {},
        body: new TextEncoder().encode(answer.body),
      }
    }
    try {
      return await call(new FlashbotsBundleProvider(unasked, auth, connection, network))
    } catch (thrown) {
      if (answer !== undefined) return readAnswer(answer)
      throw thrown instanceof Error && 'code' in thrown && thrown.code === 'BUILDER_UNWELL'
        ? thrown
        : unwell(name, messageOf(thrown), thrown)
    }
  }

  return {
    name,
    deadlineMs,
    send: (bundle, signal) =>
      ask(signal, async (provider) => {
        const sent = await provider.sendRawBundle([...bundle.txs], bundle.targetBlock, {
          // Its relay knows no dropping, and what is listed as reverting lands and costs its gas: all or nothing.
          replacementUuid: bundle.replacementUuid,
        })
        if ('error' in sent) throw refused(name, sent.error)
        return sent.bundleHash
      }),
    cancel: (bundle, signal) =>
      ask(signal, async (provider) => {
        const taken = await provider.cancelBundles(bundle.replacementUuid)
        if ('error' in taken) throw refused(name, taken.error)
        return `cancelled ${taken.bundleHashes.length}`
      }),
  }
}
