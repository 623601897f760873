/** One rule got wrong. */
export interface Mutant {
  readonly file: string
  /** Text that stands in the file once. */
  readonly find: string
  readonly replace: string
  /** The rule as it is. */
  readonly why: string
}
