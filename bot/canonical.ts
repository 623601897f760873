import { InvariantError } from '../core/errors.ts'

/** Strings that would be read back as something else; they are written behind a tilde. */
const ambiguous = /^(?:~|-?(?:\d+n|0f|NaNf|Infinityf)$)/

const quotedKeys = new Map<string, string>()

const quotedKey = (key: string): string => {
  const known = quotedKeys.get(key)
  if (known !== undefined) return known
  const quoted = `${JSON.stringify(key)}:`
  // Keys are field names of our own types; settings may bring others, which must not pile up.
  if (quotedKeys.size < 1_000) quotedKeys.set(key, quoted)
  return quoted
}

const textOfString = (value: string): string =>
  JSON.stringify(ambiguous.test(value) ? `~${value}` : value)

const textOfNumber = (value: number): string =>
  Number.isFinite(value) && !Object.is(value, -0)
    ? String(value)
    : `"${Object.is(value, -0) ? '-0' : value}f"`

const isPlain = (value: object): value is Readonly<Record<string, unknown>> => {
  const prototype = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

const textOfObject = (value: Readonly<Record<string, unknown>>): string => {
  let text = ''
  for (const key of Object.keys(value).sort()) {
    const field = value[key]
    if (field === undefined) continue
    text += `${text === '' ? '' : ','}${quotedKey(key)}${canonicalOf(field)}`
  }
  return `{${text}}`
}

/**
 * Returns the one JSON text of a plain value: keys in order, absent fields left out, `123n` for a bigint and `NaNf` for
 * what JSON has no number for; throws InvariantError on anything that is not plain data.
 */
export const canonicalOf = (value: unknown): string => {
  switch (typeof value) {
    case 'string':
      return textOfString(value)
    case 'number':
      return textOfNumber(value)
    case 'bigint':
      return `"${value}n"`
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object': {
      if (value === null) return 'null'
      if (Array.isArray(value)) {
        let text = ''
        for (let i = 0; i < value.length; i++) {
          text += i === 0 ? canonicalOf(value[i]) : `,${canonicalOf(value[i])}`
        }
        return `[${text}]`
      }
      if (isPlain(value)) return textOfObject(value)
    }
  }
  throw new InvariantError(
    'CODEC_VALUE_NOT_PLAIN',
    `Pass plain data to the journal: a ${typeof value} has no canonical text.`,
    { value: String(value) },
  )
}

const revivedString = (text: string): unknown => {
  if (!ambiguous.test(text)) return text
  if (text.startsWith('~')) return text.slice(1)
  return text.endsWith('n') ? BigInt(text.slice(0, -1)) : Number(text.slice(0, -1))
}

const revive = (value: unknown): unknown => {
  if (typeof value === 'string') return revivedString(value)
  if (typeof value !== 'object' || value === null) return value
  const fields = value as Record<string, unknown>
  for (const key of Object.keys(fields)) {
    const before = fields[key]
    const after = revive(before)
    // Defined, not assigned: a field may be called `__proto__`.
    if (after !== before) {
      Object.defineProperty(fields, key, {
        value: after,
        writable: true,
        enumerable: true,
        configurable: true,
      })
    }
  }
  return value
}

/** Returns the value that a canonical text stands for; throws SyntaxError on what is no JSON. */
export const fromCanonical = (text: string): unknown => revive(JSON.parse(text))
