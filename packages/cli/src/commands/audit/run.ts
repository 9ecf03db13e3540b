import { auditClosures, type Finding } from 'bunny-libos-project';
import { exitStatus } from 'bunny-libos-spec';
import { readAdvisories } from 'bunny-libos-trust';
import { lockedClosures } from '../../project/locking.js';
import { count } from '../../terminal/quantities.js';
import { table } from '../../terminal/table.js';
import type { Context } from './command.js';

/** `bunny audit`: status 1 where something is found. */
export async function run(context: Context): Promise<number> {
  const { flags, terminal } = context;
  const advisories = await readAdvisories(flags.db ?? []);
  const closures = [...(await lockedClosures(context)).values()];
  terminal.progress('auditing');
  const { findings, components } = await auditClosures(closures, advisories);
  terminal.clear();
  if (findings.length > 0) {
    const rows = findings.map(({ name, version, kind, id, summary, fixed, source, targets }) => [
      name,
      version,
      id ?? kind,
      [
        ...(source === undefined ? [] : [`in ${source}`]),
        ...(summary === undefined ? [] : [summary]),
        ...(fixed === undefined ? [] : [`fixed in ${fixed}`]),
      ].join('; '),
      targets.join(' '),
    ]);
    terminal.print(table(['COMPONENT', 'VERSION', 'WHAT', 'WHY', 'TARGETS'], rows));
  }
  terminal.done(
    'Audited',
    `${count(components, 'component')} by ${count(advisories.length, 'advisory', 'advisories')}: ${verdict(findings)}`,
  );
  terminal.result({ components, advisories: advisories.length, findings });
  return findings.length === 0 ? exitStatus.done : exitStatus.unsatisfiable;
}

function verdict(findings: readonly Finding[]): string {
  return findings.length === 0 ? 'nothing was found' : `${findings.length} found`;
}
