import type { PublishedTooling } from 'bunny-libos-namespace';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import type { ResolveOptions } from './resolve-options.js';
import { readTooling, toolingVersions } from './tooling-repository.js';

/**
 * The same error where nothing was found that fits, but where another registry has a framework of the same name that is
 * not the same: nothing of its components links with those of this one, and people take them for one. Looked up only
 * for those who failed; a registry that does not answer has no part in it.
 */
export async function namingNamesakes(
  error: BunnyError,
  { document: { rules }, locked }: PublishedTooling,
  { bases, store, signal, offline }: ResolveOptions,
): Promise<BunnyError> {
  if (offline || error.code !== 'BUNNY_ENOSOLUTION') return error;
  const { framework, abi } = rules;
  const others = bases.references.filter((base) => base !== locked.from);
  const found = await Promise.all(
    others.map(async (base) => {
      const other = await newestAbi({ bases, store, signal, framework }, base).catch(() => undefined);
      return other === undefined || other === abi ? [] : [{ base, abi: other }];
    }),
  );
  const namesakes = found.flat();
  if (namesakes.length === 0) return error;
  const { code, message, where, details, hint } = error;
  return new BunnyError(code, message, {
    where,
    details: [
      ...details,
      ...namesakes.map(
        (each) =>
          `${each.base} has another framework of this name: ${framework} with the ABI ${each.abi}, not ${abi}`,
      ),
    ],
    hint: `${hint}\nor name just the registry that is meant: --from, \`registries\`, or \`frameworks.${framework}.registries\``,
    exitStatus: exitStatus.unsatisfiable,
    cause: error,
  });
}

async function newestAbi(
  place: Parameters<typeof toolingVersions>[0],
  base: string,
): Promise<string | undefined> {
  const [newest] = await toolingVersions(place, base);
  return newest === undefined ? undefined : (await readTooling(place, base, newest))?.document.rules.abi;
}
