import { BunnyError, exitStatus } from 'bunny-libos-spec';

/** What a lock pins, and what brings another one. */
export interface Pinned {
  /** `libc 1.2.0`, `the tooling layer 1.0.0` */
  name: string;
  /** Base reference that the lock has it from. */
  from: string;
  /** The command that chooses it anew. */
  renew: string;
}

/**
 * A failure to get what a lock pins, told in the words of the lock: BUNNY_ENOTFOUND where no source has it,
 * BUNNY_EOFFLINE where it may not be fetched. Other errors come back as they are.
 */
export function asPinnedFailure(error: unknown, { name, from, renew }: Pinned): unknown {
  const { code, where, details = [] } = error as Partial<BunnyError>;
  const more = {
    where: where ?? from,
    details: [...details],
    cause: error,
  };
  if (code === 'BUNNY_ENOTFOUND') {
    return new BunnyError(code, `no source has the layer that bunny.lock pins of ${name}`, {
      ...more,
      hint: `put it back on ${from}, or name a copy with --from; \`${renew}\` chooses another`,
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  if (code === 'BUNNY_EOFFLINE') {
    return new BunnyError(code, `a layer of ${name} is not in the store, and nothing may be fetched`, {
      ...more,
      hint: 'run `bunny fetch` where there is a network, or leave --offline out',
      exitStatus: exitStatus.registry,
    });
  }
  return error;
}
