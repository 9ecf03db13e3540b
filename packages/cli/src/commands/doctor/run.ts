import { defaultStoreDirectory, Store } from 'bunny-libos-oci';
import { foundBunnyfile, givenBases } from 'bunny-libos-project';
import { exitStatus } from 'bunny-libos-spec';
import { trySandbox } from 'bunny-libos-tooling';
import packageJson from '../../../package.json' with { type: 'json' };
import { namedProject } from '../../project/named-project.js';
import { openNetwork } from '../../project/network.js';
import { count } from '../../terminal/quantities.js';
import { type Check, checked } from './check.js';
import type { Context } from './command.js';
import { projectChecks } from './project-checks.js';

/** `bunny doctor`: status 1 where something is missing. */
export async function run(context: Context): Promise<number> {
  const { flags, terminal, signal } = context;
  terminal.progress('checking');
  const checks: Check[] = [
    { name: 'bunny', ok: true, found: packageJson.version },
    { name: 'node', ok: true, found: `${process.version} on ${process.platform}/${process.arch}` },
    await checked('sandbox', () => trySandbox(signal)),
    await checked('store', async () => (await Store.open(defaultStoreDirectory())).directory),
  ];
  if (flags.file !== undefined || (await foundBunnyfile()) !== undefined) {
    let project: Awaited<ReturnType<typeof namedProject>> | undefined;
    checks.push(
      await checked('Bunnyfile', async () => {
        project = await namedProject(context);
        return project.file;
      }),
    );
    if (project !== undefined) for (const check of await projectChecks(project)) checks.push(check);
  } else {
    const network = openNetwork(context);
    for (const reference of givenBases(flags.from)) {
      checks.push(
        await checked(`registry ${reference}`, async () => {
          const repositories = await network.repositories(reference);
          return repositories === undefined
            ? 'answers'
            : count(repositories.length, 'repository', 'repositories');
        }),
      );
    }
  }
  terminal.clear();
  const { color } = terminal;
  for (const { name, ok, found, hint } of checks) {
    const mark = ok ? color.green('ok'.padEnd(7)) : color.red('missing');
    terminal.print([`${mark}  ${name}: ${found}`, ...(hint === undefined ? [] : [`         help: ${hint}`])]);
  }
  const wrong = checks.filter(({ ok }) => !ok).length;
  terminal.result({ healthy: wrong === 0, checks });
  return wrong === 0 ? exitStatus.done : exitStatus.unsatisfiable;
}
