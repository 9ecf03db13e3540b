import { BunnyError, exitStatus, type Lock } from 'bunny-libos-spec';
import type { Bases } from './bases.js';

/** The base references that a lock has its tooling layers and components from: those that would resolve it again. */
export function lockedBases({ targets }: Lock): string[] {
  const bases = targets.flatMap(({ tooling, components }) =>
    [tooling, ...components].map(({ from }) => from),
  );
  return [...new Set(bases)];
}

/** Whether two base references name the same place, however their layouts are written. */
export function sameBase(bases: Bases, left: string, right: string): boolean {
  const place = (base: string) => bases.repository(base, 'framework', 'component').name;
  return left === right || place(left) === place(right);
}

/**
 * The error for a name that a lock has from a base which is not among those given now. `others` are bases
 * that have something else of this name: taking it from there would let them take the name over.
 */
export function unbound(name: string, from: string, others: readonly string[]): BunnyError {
  const elsewhere = others.length === 0 ? '' : `; ${others.join(', ')} has another of this name`;
  return new BunnyError(
    'BUNNY_EBINDING',
    `bunny.lock binds ${name} to ${from}, which is not among the registries${elsewhere}`,
    {
      where: name,
      hint:
        `name ${from} with --from or in \`registries\`; to take ${name} from another registry, ` +
        'remove bunny.lock and run `bunny resolve`',
      exitStatus: exitStatus.unsatisfiable,
    },
  );
}
