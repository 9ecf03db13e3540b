import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  type Options,
  type Scalar,
  suggestion,
} from '@bunny/spec';
import type { Variant } from './variant.js';

/**
 * Checks that the options which a Bunnyfile asks of a component exist and that some variant was built with
 * each value: what no one ever built would otherwise come out as a conflict. Throws BUNNY_EOPTION.
 */
export function requireOptionsExist(
  document: Document<Bunnyfile>,
  component: string,
  wanted: Options,
  variants: readonly Variant[],
): void {
  const built = new Map<string, Set<Scalar>>();
  for (const { identity } of variants) {
    for (const [name, value] of Object.entries(identity.options)) {
      built.set(name, (built.get(name) ?? new Set()).add(value));
    }
  }
  for (const [name, value] of Object.entries(wanted)) {
    const values = built.get(name);
    const at = document.at(['options', component, name]);
    if (values === undefined) {
      const near = suggestion(name, built.keys());
      throw new BunnyError('BUNNY_EOPTION', `${component} has no option ${name}`, {
        where: at,
        hint: near ?? `it has ${[...built.keys()].sort().join(', ') || 'none'}`,
        exitStatus: exitStatus.unsatisfiable,
      });
    }
    if (!values.has(value)) {
      const known = [...values].map((each) => JSON.stringify(each)).sort();
      throw new BunnyError(
        'BUNNY_EOPTION',
        `no variant of ${component} has ${name} = ${JSON.stringify(value)}`,
        {
          where: at,
          hint: `published: ${known.join(', ')}`,
          exitStatus: exitStatus.unsatisfiable,
        },
      );
    }
  }
}
