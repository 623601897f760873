import { toHex } from 'viem'
import { mnemonicToAccount, type PrivateKeyAccount, privateKeyToAccount } from 'viem/accounts'
import type { Address, Hex } from '../../core/types/chain.ts'

/** The phrase of anvil's development accounts, known to everyone: nothing of value may ever be sent to its keys. */
export const mnemonic = 'test test test test test test test test test test test junk'

const operatorCount = 4
const signerIndex = 900
const signerCount = 4
const standbyIndex = 910
const standbyCount = 3
const crowdIndex = 920
const borrowerIndex = 1000

const branch = mnemonicToAccount(mnemonic, { path: "m/44'/60'/0'/0" }).getHdKey()

/** Returns the private key at `m/44'/60'/0'/0/index` of the sandbox's phrase. */
export const keyAt = (index: number): Hex => toHex(branch.deriveChild(index).privateKey!)

/** Returns the account at `m/44'/60'/0'/0/index` of the sandbox's phrase. */
export const accountAt = (index: number): PrivateKeyAccount => privateKeyToAccount(keyAt(index))

/** Returns the address of the borrower with this number, counted from zero. */
export const borrowerAddress = (number: number): Address =>
  accountAt(borrowerIndex + number).address

const standbyTransmitters = Array.from({ length: standbyCount }, (_, i) =>
  accountAt(standbyIndex + i),
)

/** Who acts in the sandbox; borrowers stand apart. */
export const accounts = {
  deployer: accountAt(0),
  owner: accountAt(1),
  treasury: accountAt(2),
  operators: Array.from({ length: operatorCount }, (_, i) => accountAt(3 + i)),
  transmitter: accountAt(7),
  arbitrageur: accountAt(8),
  judge: accountAt(9),
  /** Allowed to transmit: an aggregator has as many transmitters as signers. */
  standbyTransmitters,
  /** The one of them that transmits to builders alone; the others never do. */
  hiddenTransmitter: standbyTransmitters[0]!,
  /** Everybody else: whose use of gas moves the base fee. */
  crowd: accountAt(crowdIndex),
  /** Who sign the oracle's reports. */
  oracleSigners: Array.from({ length: signerCount }, (_, i) => accountAt(signerIndex + i)),
} as const

/**
 * Fee recipients of the three builders. They hold a wei from the start, because a payment to an empty account costs
 * 25,000 gas more (EIP-161).
 */
export const coinbases = {
  flashbots: '0xB01dE00000000000000000000000000000000001',
  buildernet: '0xb01dE00000000000000000000000000000000002',
  titan: '0xB01DE00000000000000000000000000000000003',
} as const satisfies Record<string, Address>
