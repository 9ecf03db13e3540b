/** Where things stand inside the sandbox, whatever is made there. */
export const sandboxDirectories = {
  /** What is compiled. */
  source: '/src',
  /** What is made: the work directory, writable. */
  work: '/work',
  /** What is to be done, and lists that commands start from: read-only. */
  plan: '/plan',
  /** What it is made against: the layers of other components. */
  closure: '/closure',
} as const;
