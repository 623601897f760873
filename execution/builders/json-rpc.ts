import { keccak256, numberToHex, stringToHex } from 'viem'
import type { PrivateKeyAccount } from 'viem/accounts'
import type { Builder, SignedBundle } from '../builder.ts'
import { readAnswer } from './answer.ts'
import { post } from './post.ts'

/** Creates a builder that is spoken to by eth_sendBundle itself, as BuilderNet and Titan take it. */
export const createJsonRpcBuilder = (deps: {
  readonly name: string
  readonly url: string
  readonly deadlineMs: number
  readonly auth: PrivateKeyAccount
}): Builder => {
  const { name, url, deadlineMs, auth } = deps
  let requests = 0

  const request = async (params: object, signal: AbortSignal): Promise<string> => {
    requests += 1
    const id = requests
    const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'eth_sendBundle', params: [params] })
    // The text of the hash is signed, not its bytes (flashbots/go-utils, signature/signature.go).
    const signature = await auth.signMessage({ message: keccak256(stringToHex(body)) })
    const headers = {
      'content-type': 'application/json',
      'x-flashbots-signature': `${auth.address}:${signature}`,
    }
    return readAnswer(await post({ builder: name, url, headers, body, signal }))
  }

  const named = ({ targetBlock, replacementUuid }: SignedBundle) => ({
    blockNumber: numberToHex(targetBlock),
    replacementUuid,
  })

  return {
    name,
    deadlineMs,
    send: (bundle, signal) => {
      const { txs, txHashes, replacementNonce } = bundle
      // One that fails, or that stands in the block already, is left out and takes none of the others with it.
      const fields = { txs, replacementNonce, droppingTxHashes: txHashes }
      return request({ ...fields, ...named(bundle) }, signal)
    },
    // An empty bundle of the same name: BuilderNet knows no other way, and Titan takes it too.
    cancel: (bundle, signal) => request({ txs: [], ...named(bundle) }, signal),
  }
}
