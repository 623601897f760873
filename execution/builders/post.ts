import { messageOf } from '../../core/errors.ts'
import type { Answer } from './answer.ts'
import { unwell } from './answer.ts'

/** No answer of a builder is longer than a few hundred bytes; what is longer is not read to its end. */
const longestAnswer = 65_536

const readBody = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > longestAnswer) break
  }
  return text
}

/** Posts a body to a builder over a connection kept alive; throws a TransientError when no answer comes back. */
export const post = async (request: {
  readonly builder: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly signal: AbortSignal
}): Promise<Answer> => {
  const { builder, url, headers, body, signal } = request
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal })
    return { builder, status: response.status, body: await readBody(response) }
  } catch (thrown) {
    // The cause tells what happened on the wire; the message on top of it may quote the address and its secrets.
    const cause = thrown instanceof Error ? thrown.cause : undefined
    throw unwell(builder, `nothing (${messageOf(cause ?? thrown)})`)
  }
}
