import { billOf } from 'bunny-libos-project';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { type BillPart, isLicenseAllowed } from 'bunny-libos-trust';
import { lockedClosures } from '../../project/locking.js';
import { table } from '../../terminal/table.js';
import type { Context } from './command.js';

/** `bunny licenses`: status 4 where one is not among those that are allowed. */
export async function run(context: Context): Promise<number> {
  const { flags, terminal } = context;
  const parts = new Map<string, BillPart>();
  for (const [, source] of await lockedClosures(context)) {
    const bill = await billOf(source, [], '');
    for (const part of bill.parts) {
      if (part.kind === 'component') parts.set(`${part.name} ${part.version} ${part.license}`, part);
    }
  }
  const all = [...parts.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  terminal.report(
    table(
      ['COMPONENT', 'VERSION', 'LICENCE'],
      all.map(({ name, version, license }) => [name, version, license ?? 'none named']),
    ),
  );
  const refused =
    flags.allow === undefined
      ? []
      : all.filter(({ license }) => !isLicenseAllowed(license, flags.allow ?? []));
  if (refused.length > 0) throw otherLicences(refused, all.length);
  terminal.result({
    licenses: all.map(({ name, version, license, repository, digest }) => ({
      name,
      version,
      license: license ?? null,
      repository,
      digest,
    })),
  });
  return exitStatus.done;
}

function otherLicences(refused: readonly BillPart[], all: number): BunnyError {
  const [first] = refused;
  return new BunnyError('BUNNY_ELICENSE', `${refused.length} of ${all} components are under other licences`, {
    where: first === undefined ? 'bunny licenses' : `${first.repository}@${first.digest}`,
    details: refused.map(({ name, version, license }) => `${name} ${version}: ${license ?? 'none named'}`),
    hint: 'take other components, or allow their licences',
  });
}
