import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ConfigError } from '../../core/errors.ts'

/** npm's name of a platform, as the packages of @foundry-rs spell it. */
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Returns the path of the anvil executable that npm installed for this platform; throws a ConfigError without one. */
export const anvilBinary = (
  platform: string = process.platform,
  arch: string = process.arch,
): string => {
  const name = `@foundry-rs/anvil-${platform}-${architectures[arch] ?? arch}`
  const missing = (cause?: unknown): ConfigError =>
    new ConfigError(
      'ANVIL_MISSING',
      `Install anvil: ${name} is not in node_modules. Run npm install without --omit=optional on a platform that @foundry-rs/anvil supports.`,
      { name },
      { cause },
    )
  const require = createRequire(import.meta.url)
  let root: string
  try {
    root = dirname(require.resolve(`${name}/package.json`))
  } catch (thrown) {
    throw missing(thrown)
  }
  const binary = join(root, 'bin', platform === 'win32' ? 'anvil.exe' : 'anvil')
  if (!existsSync(binary)) throw missing()
  return binary
}
