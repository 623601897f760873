import { isAddress, isHex, keccak256, recoverMessageAddress } from 'viem'
import type { Address, Hex } from '../../core/types/chain.ts'

/** Who signed a body, or why nobody did. */
export type Signed = { readonly signer: Address } | { readonly fault: string }

const mismatch = { fault: 'signing address mismatch' } as const

/**
 * Checks `X-Flashbots-Signature: address:signature` against a body byte for byte: the signature is EIP-191 over the text
 * of the body's keccak-256 (flashbots/go-utils, signature/signature.go). The signer is lower case.
 */
export const signerOf = async (header: unknown, body: Buffer): Promise<Signed> => {
  if (typeof header !== 'string' || header === '') return { fault: 'no signature provided' }
  const separator = header.indexOf(':')
  if (separator === -1) return { fault: 'missing separator' }
  const address = header.slice(0, separator)
  const signature = header.slice(separator + 1)
  if (!isAddress(address, { strict: false })) return { fault: 'invalid address provided' }
  if (!isHex(signature) || signature.length !== 132) return { fault: 'invalid signature provided' }
  try {
    const message = keccak256(body)
    const recovered = (await recoverMessageAddress({ message, signature })).toLowerCase() as Hex
    return recovered === address.toLowerCase() ? { signer: recovered } : mismatch
  } catch (thrown) {
    return { fault: `${mismatch.fault}: ${(thrown as Error).name}` }
  }
}
