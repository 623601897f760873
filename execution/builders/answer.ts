import { ConfigError, ProtocolError, TransientError } from '../../core/errors.ts'

/** What a builder answered, before it is believed. */
export interface Answer {
  readonly builder: string
  readonly status: number
  readonly body: string
}

const longestDetail = 200

const cut = (text: string): string =>
  text.length > longestDetail ? `${text.slice(0, longestDetail)}…` : text

const textOf = (value: unknown): string =>
  cut(typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)))

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

/** Returns the error for a builder that is unwell, whatever the bundle: the breaker counts it. */
export const unwell = (builder: string, said: string, cause?: unknown): TransientError =>
  new TransientError(
    'BUILDER_UNWELL',
    `Send to ${builder} again later: it answered "${cut(said)}".`,
    { builder },
    { cause },
  )

const messageIn = (error: unknown): string =>
  textOf(isObject(error) && 'message' in error ? error.message : error)

/** Returns the error for a bundle that a builder does not take. */
export const refused = (builder: string, error: unknown): ProtocolError =>
  new ProtocolError(
    'BUNDLE_REFUSED',
    `Correct the bundle for ${builder}: it answered "${messageIn(error)}".`,
    { builder },
  )

/** What go-utils (signature/signature.go) and FlowProxy say of the header, under whatever HTTP status. */
const unsignedFaults =
  /^(invalid signature|no signature provided|missing separator|signing address mismatch)$/i

const unsigned = ({ builder, status, body }: Answer): ConfigError =>
  new ConfigError(
    'BUILDER_SIGNATURE_REFUSED',
    `Let ${builder} know the auth key, or change it: it answered HTTP ${status} "${cut(body)}".`,
    { builder, status },
  )

const decode = ({ builder, status, body }: Answer): Readonly<Record<string, unknown>> => {
  let decoded: unknown
  try {
    decoded = JSON.parse(body)
  } catch (thrown) {
    throw unwell(builder, `HTTP ${status} ${body}`, thrown)
  }
  if (!isObject(decoded)) throw unwell(builder, `HTTP ${status} ${body}`)
  return decoded
}

/**
 * Returns the builder's name for the bundle, or what stands in for one: builders answer with an object, a string, a
 * number (Titan's cancel) or null (rsync), and with errors of any shape under any HTTP status.
 */
export const readAnswer = (answer: Answer): string => {
  const { builder, status } = answer
  if (status === 401 || status === 403) throw unsigned(answer)
  if (status === 429 || status >= 500) throw unwell(builder, `HTTP ${status} ${answer.body}`)
  const { result, error } = decode(answer)
  if (error !== undefined && error !== null) {
    throw unsignedFaults.test(messageIn(error)) ? unsigned(answer) : refused(builder, error)
  }
  if (status >= 300) throw refused(builder, `HTTP ${status} ${answer.body}`)
  if (isObject(result) && 'bundleHash' in result) return textOf(result.bundleHash)
  return result === undefined || result === null ? 'accepted' : textOf(result)
}
