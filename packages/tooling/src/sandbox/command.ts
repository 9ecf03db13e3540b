/** A directory or file of the host that is visible inside. */
export interface Bind {
  /** Absolute path on the host. */
  from: string;
  /** Absolute path inside. Where the root has a top-level entry of that name, all of it is hidden. */
  to: string;
  writable?: boolean | undefined;
  /** Others than its owner may not be allowed to read some of it: see `ReadableBinds`. */
  mayBePrivate?: boolean | undefined;
}

/** One command in a root filesystem that is cut off from the machine. */
export interface SandboxCommand {
  /** Root filesystem, seen read-only as `/`. Mount points that it lacks are made up. */
  root: string;
  binds: readonly Bind[];
  /** Working directory inside. */
  directory: string;
  /** Program, looked up in the PATH inside, and its arguments. */
  command: readonly string[];
  /** Beyond PATH, HOME, LC_ALL, TZ and SOURCE_DATE_EPOCH. Nothing of the caller's is seen inside. */
  environment?: Readonly<Record<string, string>> | undefined;
}
