import { describe, expect, test } from 'vitest'
import { ConfigError, ProtocolError, TransientError } from '../../../core/errors.ts'
import { readAnswer } from '../../../execution/builders/answer.ts'

const read = (status: number, body: unknown): string =>
  readAnswer({
    builder: 'titan',
    status,
    body:
      typeof body === 'string'
        ? body
        : JSON.stringify({ jsonrpc: '2.0', id: 1, ...(body as object) }),
  })

describe('readAnswer', () => {
  test.each([
    [{ result: { bundleHash: '0xab', smart: true } }, '0xab'],
    [{ result: '0xab' }, '0xab'],
    [{ result: null }, 'accepted'],
    [{ result: 200 }, '200'],
    [{ result: { bundleHash: '0xab' }, error: null }, '0xab'],
    [{}, 'accepted'],
  ])('%j is accepted', (body, said) => {
    expect(read(200, body)).toBe(said)
  })

  test.each([
    [200, { error: { code: -32000, message: 'err: nonce too low: 3' } }, 'err: nonce too low: 3'],
    [200, { error: 'no such block' }, 'no such block'],
    [200, { error: { code: -32000 } }, '{"code":-32000}'],
    [400, { error: { code: -32602, message: 'TooManyTransactions' } }, 'TooManyTransactions'],
    [404, { result: '0xab' }, 'HTTP 404'],
  ])('error: ProtocolError for HTTP %i %j', (status, body, said) => {
    expect(() => read(status, body)).toThrow(ProtocolError)
    expect(() => read(status, body)).toThrow(said)
  })

  test.each([
    [429, { error: { code: -32005, message: 'slow down' } }],
    [500, 'internal'],
    [502, '<html>bad gateway</html>'],
    [200, '<html>hello</html>'],
    [200, ''],
    [200, 'null'],
    [200, '{"jsonrpc":"2.0","id":1,"resu'],
  ])('error: TransientError for HTTP %i %j', (status, body) => {
    expect(() => read(status, body)).toThrow(TransientError)
  })

  test.each([
    [401, { error: 'who are you' }],
    [403, { error: { message: 'signing address mismatch' } }],
    [400, { error: { code: -32603, message: 'Invalid signature' } }],
    [200, { error: { code: -32600, message: 'no signature provided' } }],
  ])('error: ConfigError for HTTP %i %j', (status, body) => {
    expect(() => read(status, body)).toThrow(ConfigError)
  })

  test('behavior: a transaction with an invalid signature is a fault of the bundle', () => {
    const error = { code: -32000, message: 'err: invalid signature values' }
    expect(() => read(200, { error })).toThrow(ProtocolError)
  })

  test('behavior: a long answer is cut', () => {
    expect(read(200, { result: 'x'.repeat(10_000) }).length).toBeLessThan(300)
    expect(() => read(500, 'x'.repeat(10_000))).toThrow(/x{100}…/)
  })
})
