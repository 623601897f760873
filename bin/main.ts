import { createRequire } from 'node:module'
import { Command, InvalidArgumentError } from 'commander'
import type { TapeFile } from '../sandbox/load-tape.ts'
import { runDemo } from './commands/demo.ts'
import { runFork } from './commands/fork.ts'
import { runPositions } from './commands/positions.ts'
import { runReplay } from './commands/replay.ts'
import { runBotCommand } from './commands/run.ts'
import { runScenario } from './commands/scenario-run.ts'
import { finish } from './exit.ts'

const require = createRequire(import.meta.url)
// Compiled, this file stands one folder deeper.
const manifest = import.meta.url.endsWith('.ts') ? '../package.json' : '../../package.json'
const { version, description } = require(manifest) as {
  version: string
  description: string
}

const parsePort = (text: string): number => {
  const port = Number(text)
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port
  throw new InvalidArgumentError('Give a port from 0 to 65535.')
}

const parseAmount = (text: string): number => {
  const amount = Number(text)
  if (text.trim() !== '' && Number.isFinite(amount) && amount >= 0) return amount
  throw new InvalidArgumentError('Give an amount of dollars, zero or more.')
}

const parseCount = (text: string): number => {
  const count = Number(text)
  if (Number.isInteger(count) && count > 0) return count
  throw new InvalidArgumentError('Give a whole number above zero.')
}

const addTape = (text: string, tapes: readonly TapeFile[]): readonly TapeFile[] => {
  const [asset, file] = text.split(/=(.*)/s)
  if (asset && file) return [...tapes, { asset, file }]
  throw new InvalidArgumentError('Give an asset and a CSV file, as ETH=prices.csv.')
}

const program = new Command('bailiff').description(description).version(version)
program.configureHelp({ sortSubcommands: true }).showHelpAfterError().exitOverride()

program
  .command('demo')
  .description(
    'start a local world, play the crash scenario in it and liquidate; needs no key, no node, no account',
  )
  .option('--once', 'end with the scenario (else the world lives on until interrupted)', false)
  .option('--json', 'print the report as one line of JSON, last on stdout', false)
  .option('--scenario <name-or-file>', 'what to play', 'crash')
  .option('--data-dir <folder>', 'keep journal and queue there (else a temporary folder)')
  .option('--rpc-port <port>', "where the world's node listens (else any free port)", parsePort)
  .action((options) => finish((signal) => runDemo(options, signal)))

program
  .command('fork')
  .description(
    "play a scenario on a fork of mainnet: its market and borrowers, the scenario's prices",
  )
  .requiredOption('--url <url>', 'the node to fork from; an archive node for an old block')
  .option('--block <number>', 'the block to fork at (else the newest)', parseCount)
  .option('--config <file>', 'the bot configuration to play it with (else config/fork.yaml)')
  .option('--tape <asset=file>', 'recorded prices of an asset in place of its path', addTape, [])
  .option(
    '--from <unix-seconds>',
    'where on the tapes to begin (else at their first row)',
    parseCount,
  )
  .option('--minutes <count>', 'how much of the tapes to play', parseCount, 10)
  .option('--once', 'end with the scenario (else the fork lives on until interrupted)', false)
  .option('--json', 'print the report as one line of JSON, last on stdout', false)
  .option('--scenario <name-or-file>', 'what to play', 'crash')
  .option('--data-dir <folder>', 'keep journal and queue there (else a temporary folder)')
  .option('--rpc-port <port>', "where the fork's node listens (else any free port)", parsePort)
  .action((options) => finish((signal) => runFork(options, signal)))

program
  .command('run')
  .description('run the bot with a configuration file')
  .requiredOption('--config <file>', 'the configuration, as config/mainnet.yaml')
  .option(
    '--accept-new-journal',
    'go live although the data folder has no journal and an operator was used before',
    false,
  )
  .action((options) => finish((signal) => runBotCommand(options, signal)))

const scenario = program.command('scenario').description('play scenarios against the sandbox')
scenario
  .command('run')
  .argument('<name-or-file>', 'a YAML file, or one that ships: crash, calm')
  .description('play a scenario to its end; exit 1 when an expectation does not hold')
  .option('--config <file>', 'the bot configuration to play it with (else config/sandbox.yaml)')
  .option('--json', 'print the report as one line of JSON, last on stdout', false)
  .option('--data-dir <folder>', 'keep journal and queue there (else a temporary folder)')
  .option('--rpc-port <port>', "where the world's node listens (else any free port)", parsePort)
  .action((file, options) => finish((signal) => runScenario(file, options, signal)))

program
  .command('positions')
  .description('show the positions nearest to liquidation; needs no key and sends nothing')
  .requiredOption('--config <file>', 'the configuration, as config/mainnet.yaml')
  .option('--json', 'print them as one line of JSON', false)
  .option('--protocol <id>', 'only of this protocol, as aave-v3')
  .option('--asset <symbol>', 'only with this collateral or debt asset, as WETH')
  .option('--min-usd <amount>', 'only with at least so much debt', parseAmount)
  .option('--max-usd <amount>', 'only with at most so much debt', parseAmount)
  .option('--limit <count>', 'show so many', parseCount, 30)
  .action((options) => finish((signal) => runPositions(options, signal)))

program
  .command('replay')
  .argument('<journal>', 'a journal file, as <data dir>/bailiff.journal')
  .description('play a journal through the same loop and compare its plans byte for byte')
  .option('--json', 'print the comparison as one line of JSON', false)
  .option('--plans <file>', 'write the plans of the replay, one line of JSON each')
  .action((file, options) => finish(() => runReplay(file, options)))

try {
  await program.parseAsync()
} catch (error) {
  // Commander has printed its message; asking for help is no failure, misuse is.
  const code = (error as { exitCode?: number }).exitCode
  process.exitCode = code === 0 ? 0 : 2
}
