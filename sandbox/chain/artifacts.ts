import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { type Abi, encodeDeployData } from 'viem'
import { ConfigError, InvariantError } from '../../core/errors.ts'
import type { Address, Hex } from '../../core/types/chain.ts'

/** Where a library's address stands in a bytecode, by source file and library: byte offsets. */
type LinkReferences = Readonly<
  Record<
    string,
    Readonly<Record<string, readonly { readonly start: number; readonly length: number }[]>>
  >
>

/** A contract as its authors published it. */
export interface Artifact {
  readonly name: string
  readonly abi: Abi
  readonly bytecode: Hex
  readonly linkReferences: LinkReferences
}

const require = createRequire(import.meta.url)

const read = (path: string): string => {
  try {
    return readFileSync(require.resolve(path), 'utf8')
  } catch (thrown) {
    throw new ConfigError(
      'ARTIFACT_MISSING',
      `Run npm install: ${path} is not in node_modules.`,
      { path },
      { cause: thrown },
    )
  }
}

/** Loads a Hardhat artifact: `artifact('@aave/core-v3', 'protocol/pool/Pool')`. */
export const artifact = (pack: string, contract: string): Artifact => {
  const name = contract.slice(contract.lastIndexOf('/') + 1)
  const path = `${pack}/artifacts/contracts/${contract}.sol/${name}.json`
  const { abi, bytecode, linkReferences } = JSON.parse(read(path)) as Omit<Artifact, 'name'>
  return { name, abi, bytecode, linkReferences }
}

/** Loads Chainlink's EACAggregatorProxy, which is published in the form of its own compiler. */
export const proxyArtifact = (): Artifact => {
  const { compilerOutput } = JSON.parse(
    read('@chainlink/contracts/abi/v0.6/EACAggregatorProxy.json'),
  ) as {
    readonly compilerOutput: {
      readonly abi: Abi
      readonly evm: { readonly bytecode: { readonly object: Hex } }
    }
  }
  const bytecode = compilerOutput.evm.bytecode.object
  return { name: 'EACAggregatorProxy', abi: compilerOutput.abi, bytecode, linkReferences: {} }
}

/** Loads the creation code of Multicall3, which viem carries and does not export. */
export const multicall3Bytecode = (): Hex => {
  const file = join(dirname(require.resolve('viem')), 'constants', 'contracts.js')
  const { multicall3Bytecode: bytecode } = require(file) as { readonly multicall3Bytecode?: Hex }
  if (bytecode !== undefined) return bytecode
  throw new ConfigError(
    'MULTICALL_MISSING',
    `Install viem 2.57: ${file} does not hold multicall3Bytecode.`,
    { file },
  )
}

const linked = (of: Artifact, libraries: Readonly<Record<string, Address>>): Hex => {
  let code: string = of.bytecode
  for (const library of Object.values(of.linkReferences)) {
    for (const [name, places] of Object.entries(library)) {
      const address = libraries[name]
      if (address === undefined) {
        throw new InvariantError(
          'LIBRARY_UNKNOWN',
          `Deploy library ${name} before ${of.name}, which is linked to it.`,
          { name, artifact: of.name },
        )
      }
      for (const { start, length } of places) {
        const at = 2 + start * 2
        code = code.slice(0, at) + address.slice(2).toLowerCase() + code.slice(at + length * 2)
      }
    }
  }
  return code as Hex
}

/** Returns the creation code of an artifact, linked, with its constructor's arguments behind it. */
export const initCode = (
  of: Artifact,
  args: readonly unknown[] = [],
  libraries: Readonly<Record<string, Address>> = {},
): Hex => encodeDeployData({ abi: of.abi, bytecode: linked(of, libraries), args: [...args] })
