import type { Address, Hex } from '../../core/types/chain.ts'
import type { Feed } from '../../core/types/market.ts'
import { decodeTransmit, type Transmit } from './decode-transmit.ts'

/** Why a transaction is no update of a feed that we follow. */
export type Rejection =
  | 'not-transmit'
  | 'unknown-aggregator'
  | 'out-of-range'
  | 'superseded'
  | 'unknown-sender'

/** What is looked at of a transaction. */
export interface Candidate {
  readonly from: Address
  readonly to: Address
  readonly input: Hex
}

/**
 * Returns the report of a pending transaction, or why the aggregator would refuse it: anyone may send calldata that
 * looks like an update, so it must have the shape of a price report, name an aggregator of ours, answer within its
 * bounds, be newer than its last report and come from one of its transmitters (libocr OCR2Aggregator.transmit), or
 * from a sender that a transmitting forwarder allows (AuthorizedForwarder.forward).
 */
export const acceptUpdate = (
  candidate: Candidate,
  feeds: ReadonlyMap<string, Feed>,
  forwarders: ReadonlyMap<string, readonly Address[]>,
): { readonly transmit: Transmit } | { readonly rejection: Rejection } => {
  const transmit = decodeTransmit(candidate.to, candidate.input)
  if (!transmit) return { rejection: 'not-transmit' }
  const feed = feeds.get(transmit.aggregator)
  if (!feed) return { rejection: 'unknown-aggregator' }
  if (transmit.answerRaw < feed.minAnswerRaw || transmit.answerRaw > feed.maxAnswerRaw)
    return { rejection: 'out-of-range' }
  if (transmit.epochAndRound <= feed.epochAndRound) return { rejection: 'superseded' }
  const { forwarder } = transmit
  const known =
    has(feed.transmitters, forwarder ?? candidate.from) &&
    (forwarder === undefined || has(forwarders.get(forwarder) ?? [], candidate.from))
  return known ? { transmit } : { rejection: 'unknown-sender' }
}

const has = (addresses: readonly Address[], address: Address): boolean =>
  addresses.some((one) => one.toLowerCase() === address.toLowerCase())
