import { allOf, LockRequest } from 'bunny-libos-project';
import { outdated } from 'bunny-libos-resolver';
import { exitStatus } from 'bunny-libos-spec';
import { namedProject } from '../../project/named-project.js';
import { needsNoLayers } from '../../project/needs-no-layers.js';
import { clauses, preferText } from '../../terminal/closure-notes.js';
import { count } from '../../terminal/quantities.js';
import { table } from '../../terminal/table.js';
import type { Context } from './command.js';
import { verdict } from './verdict.js';

/** `bunny outdated`: status 0 also where something could be newer. */
export async function run(context: Context): Promise<number> {
  const { flags, terminal } = context;
  const project = await namedProject(context);
  if (needsNoLayers(project, terminal, 'Compared')) {
    terminal.result({ components: [] });
    return exitStatus.done;
  }
  terminal.progress('asking for newer versions');
  const requests = await LockRequest.openAll(project, flags);
  const components = (await allOf(requests.map(({ options }) => outdated(options)))).flat();
  terminal.clear();
  for (const { name, current, wanted, yanked, deprecated } of components) {
    if (deprecated !== undefined) terminal.warn(`${name} ${current} is deprecated: ${deprecated}`);
    const way = wanted === undefined ? 'nothing in range replaces it' : `run \`bunny update ${name}\``;
    if (yanked) terminal.warn(`${name} ${current} is yanked: ${way}`);
  }
  if (components.length > 0) {
    const rows = components.map(({ name, current, wanted, latest, targets }) => [
      name,
      current,
      wanted ?? '-',
      latest ?? '-',
      targets.join(' '),
    ]);
    terminal.print(table(['COMPONENT', 'CURRENT', 'WANTED', 'LATEST', 'TARGETS'], rows));
  }
  for (const { name, current, wanted = current, latest, because } of components) {
    if (because === undefined || latest === undefined) continue;
    const is = wanted === current ? 'is' : 'would be';
    terminal.note(`${name} ${is} ${wanted}, not ${latest}: ${clauses(because)}; ${preferText(name, latest)}`);
  }
  const compared = new Set(
    requests.flatMap(({ project: { framework }, options: { previous } }) =>
      (previous?.targets ?? []).flatMap(({ components: locked }) =>
        locked.map(({ name }) => `${framework}/${name}`),
      ),
    ),
  );
  const against = flags.offline ? ' with what was seen of the registries before' : '';
  terminal.done('Compared', `${count(compared.size, 'component')}${against}: ${verdict(components)}`);
  terminal.result({ components });
  return exitStatus.done;
}
