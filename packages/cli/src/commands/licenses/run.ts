import { joinReference } from 'bunny-libos-oci';
import { componentsOf } from 'bunny-libos-project';
import { BunnyError, byText, exitStatus } from 'bunny-libos-spec';
import { canonicalRepository, isLicenceAllowed } from 'bunny-libos-trust';
import { lockedClosures } from '../../project/locking.js';
import { table } from '../../terminal/table.js';
import type { Context } from './command.js';

/** A component under a licence. */
interface Licensed {
  name: string;
  version: string;
  /** As its publisher has it. */
  license: string | undefined;
  repository: string;
  digest: string;
}

/** `bunny licenses`: status 4 where one is not among those that are allowed. */
export async function run(context: Context): Promise<number> {
  const { flags, terminal } = context;
  const found = new Map<string, Licensed>();
  for (const [, source] of await lockedClosures(context)) {
    for (const { component, config } of await componentsOf(source)) {
      const { name, version, from, digest } = component;
      const { framework } = source.request.project;
      const repository = canonicalRepository(joinReference(from, `${framework}/${name}`));
      const { license } = config;
      found.set(`${name}\n${version}\n${license}`, { name, version, license, repository, digest });
    }
  }
  terminal.clear();
  const all = [...found.values()].sort(byText(({ name, version }) => `${name}\n${version}`));
  terminal.report(
    table(
      ['COMPONENT', 'VERSION', 'LICENCE'],
      all.map(({ name, version, license }) => [name, version, license ?? 'none named']),
    ),
  );
  const { allow } = flags;
  const refused = allow === undefined ? [] : all.filter(({ license }) => !isLicenceAllowed(license, allow));
  if (refused.length > 0) throw otherLicences(refused, all.length);
  terminal.result({ licenses: all.map(({ license, ...each }) => ({ ...each, license: license ?? null })) });
  return exitStatus.done;
}

function otherLicences(refused: readonly Licensed[], all: number): BunnyError {
  const [first] = refused;
  return new BunnyError('BUNNY_ELICENSE', `${refused.length} of ${all} components are under other licences`, {
    where: first === undefined ? 'bunny licenses' : `${first.repository}@${first.digest}`,
    details: refused.map(({ name, version, license }) => `${name} ${version}: ${license ?? 'none named'}`),
    hint: 'take other components, or allow their licences',
  });
}
