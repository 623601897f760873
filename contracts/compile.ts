import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import solc from 'solc'

/** One compiled contract; `abi` is as solc prints it, sorted by the compiler. */
export interface Compiled {
  readonly name: string
  readonly abi: readonly object[]
  readonly bytecode: `0x${string}`
}

interface Output {
  readonly errors?: readonly { readonly formattedMessage: string }[]
  readonly contracts?: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly abi: readonly object[]
            readonly evm: { readonly bytecode: { readonly object: string } }
          }
        >
      >
    >
  >
}

/** What every contract is compiled with; without metadata the same source gives the same bytes everywhere. */
const settings = {
  evmVersion: 'cancun',
  viaIR: true,
  optimizer: { enabled: true, runs: 1_000_000 },
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
}

const root = fileURLToPath(new URL('./src', import.meta.url))

/** Compiles `contracts/src`: every contract that has code, by path, and whatever solc warns of or refuses. */
export const compile = (): {
  readonly contracts: readonly Compiled[]
  readonly faults: readonly string[]
} => {
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.sol'))
    .sort()
  const sources = Object.fromEntries(
    paths.map((path) => [path, { content: readFileSync(join(root, path), 'utf8') }]),
  )
  const output: Output = JSON.parse(
    solc.compile(JSON.stringify({ language: 'Solidity', sources, settings })),
  )
  const contracts = paths.flatMap((path) => {
    const name = basename(path, '.sol')
    const contract = output.contracts?.[path]?.[name]
    const code = contract?.evm.bytecode.object ?? ''
    return contract === undefined || code === ''
      ? []
      : [{ name, abi: contract.abi, bytecode: `0x${code}` as const }]
  })
  return { contracts, faults: (output.errors ?? []).map((fault) => fault.formattedMessage) }
}
