/** Names that a program which is none of ours may need; no key and no endpoint of ours is among them. */
const passedOn = ['PATH', 'LANG', 'TMPDIR', 'SystemRoot']

/** Returns what of an environment a child that is none of our own programs gets. */
export const bareEnvironment = (
  environment: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> =>
  Object.fromEntries(
    passedOn.flatMap((name) => {
      const value = environment[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
