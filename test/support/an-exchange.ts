import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { createScenarioClock } from '../../sandbox/clock.ts'
import { createExchanges } from '../../sandbox/exchanges/exchanges.ts'
import type { Scenario } from '../../sandbox/scenario.ts'
import { aScenario, startMsOf } from './a-scenario.ts'
import { eventually } from './a-websocket-server.ts'

type Message = Readonly<Record<string, unknown>>

/** The local exchanges of a scenario, open until the test ends. */
export const openExchanges = async (scenario: Scenario = aScenario(), stopped = false) => {
  const clock = createScenarioClock({
    startMs: startMsOf(scenario),
    rate: scenario.chain.compression,
    stopped,
  })
  const exchanges = createExchanges({ scenario, clock, log: () => undefined })
  await exchanges.start()
  onTestFinished(exchanges.stop)
  return { scenario, clock, exchanges }
}

/** A client without any library of a venue: what it says and hears is the wire. */
export const aClient = async (url: string) => {
  const socket = new WebSocket(url)
  const messages: Message[] = []
  let closed: number | undefined
  socket.on('message', (data) => messages.push(JSON.parse(data.toString())))
  socket.on('close', (code) => {
    closed = code
  })
  onTestFinished(() => socket.terminate())
  await new Promise((done) => socket.once('open', done))
  const say = (message: unknown): void =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message))
  const next = async (matches: (message: Message) => boolean): Promise<Message> => {
    await eventually(() => messages.some(matches), matches.toString())
    return messages.find(matches)!
  }
  return { socket, messages, say, next, closed: () => closed }
}
