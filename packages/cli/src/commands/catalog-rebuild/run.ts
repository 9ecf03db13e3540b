import { reachableNames, updateCatalog } from 'bunny-libos-namespace';
import { Store } from 'bunny-libos-oci';
import { componentsUnder, openBases } from 'bunny-libos-project';
import { frameworkSeeds } from 'bunny-libos-resolver';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { openNetwork } from '../../project/network.js';
import { splitReference } from '../../project/split-reference.js';
import { count, timeSinceStart } from '../../terminal/quantities.js';
import type { Context } from './command.js';

const frameworkHint =
  'name the framework under its namespace: host/namespace/FRAMEWORK, or oci:DIR:FRAMEWORK';

/** `bunny catalog rebuild` */
export async function run(context: Context, reference: string): Promise<number> {
  const { terminal, signal } = context;
  const network = openNetwork(context);
  const { to, words } = splitReference(reference, 1, { what: 'framework', hint: frameworkHint });
  const [framework = ''] = words;
  const bases = openBases([to], process.cwd(), network, (text) => terminal.warn(text));
  const place = { framework, to, bases, store: await Store.open(), signal };
  terminal.progress('looking for components');
  const seeds = [...(await frameworkSeeds(place)), ...(await componentsUnder([to], framework, network))];
  const { components, removed, left } = await updateCatalog(place, await reachableNames(place, seeds));
  terminal.clear();
  if (components.length + removed.length + left.length === 0) {
    throw new BunnyError('BUNNY_ENOTFOUND', `nothing of a framework ${framework} is published there`, {
      where: to,
      hint: frameworkHint,
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  for (const name of left)
    terminal.warn(`${name} is gone, but the registry does not let its entry be removed`);
  terminal.done(
    'Rebuilt',
    `the catalog of ${reference}: ${count(components.length, 'component')}` +
      `${removed.length === 0 ? '' : `, ${removed.length} taken out`}, in ${timeSinceStart()}`,
  );
  terminal.result({ framework, from: to, components, removed, left });
  return exitStatus.done;
}
