import { reachableNames, updateCatalog } from 'bunny-libos-namespace';
import { formatReference, parseReference, Store } from 'bunny-libos-oci';
import { componentsUnder, openBases } from 'bunny-libos-project';
import { frameworkSeeds } from 'bunny-libos-resolver';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { openNetwork } from '../../project/network.js';
import { count, timeSinceStart } from '../../terminal/quantities.js';
import type { Context } from './command.js';

const frameworkHint =
  'name the framework under its namespace: host/namespace/FRAMEWORK, or oci:DIR:FRAMEWORK';

/** `bunny catalog rebuild` */
export async function run(context: Context, reference: string): Promise<number> {
  const { terminal, signal } = context;
  const network = openNetwork(context);
  const { to, framework } = splitReference(reference);
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

/** `host/libos/warren` is the framework warren under `host/libos`; `oci:DIR:warren` under `oci:DIR`. */
function splitReference(text: string): { to: string; framework: string } {
  const { tag, digest, ...reference } = parseReference(text);
  const parts = reference.path.split('/');
  const framework = parts.pop() ?? '';
  const isOne = tag !== undefined || digest !== undefined;
  if (isOne || framework === '' || (reference.kind === 'registry' && parts.length === 0)) {
    throw new BunnyError('BUNNY_EREFERENCE', `${text} names no framework`, {
      where: text,
      hint: frameworkHint,
      exitStatus: exitStatus.usage,
    });
  }
  return { to: formatReference({ ...reference, path: parts.join('/') }), framework };
}
