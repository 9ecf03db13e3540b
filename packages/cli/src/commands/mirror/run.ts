import { dirname, resolve } from 'node:path';
import {
  type MirrorItem,
  type MirrorOptions,
  mirrorClosure,
  planMirror,
  rebaseReference,
} from 'bunny-libos-namespace';
import { Store } from 'bunny-libos-oci';
import { openBases, openSources, requireLock } from 'bunny-libos-project';
import { lockFileName, targetLabel } from 'bunny-libos-resolver';
import { BunnyError, exitStatus, formatBytes, type Lock, normaliseArchitecture } from 'bunny-libos-spec';
import { openNetwork } from '../../project/network.js';
import { count, timeSinceStart } from '../../terminal/quantities.js';
import { table } from '../../terminal/table.js';
import { Transfers } from '../../terminal/transfers.js';
import type { Context } from './command.js';

/** Copies everything that a lock pins to another registry or layout. */
export async function run(context: Context): Promise<number> {
  const { flags, terminal, signal } = context;
  const file = flags.lock ?? lockFileName;
  const locks = await requireLock(file, 'name it with --lock FILE');
  const filter = { arch: flags.arch?.map(normaliseArchitecture), platform: flags.platform };
  const plans = locks
    .filter(({ framework }) => flags.framework?.includes(framework) ?? true)
    .map((lock) => ({ framework: lock.framework, items: planMirror(lock, filter) }))
    .filter(({ items }) => items.length > 0);
  if (plans.length === 0) throw nothing(file, locks);
  if (flags.dryRun) {
    terminal.print(planTable(plans));
    terminal.result({ to: flags.to, ...told(plans) });
    return exitStatus.done;
  }
  // A lock names layouts relative to itself, a command line relative to where it is given.
  const directory = resolve(dirname(file));
  const from = (flags.from ?? []).map((reference) => rebaseReference(reference, process.cwd(), directory));
  const network = openNetwork(context);
  const options: MirrorOptions = {
    to: flags.to,
    sources: openSources(from, directory, network, (text) => terminal.warn(text)),
    destination: openBases([flags.to], process.cwd(), network, (text) => terminal.warn(text)),
    store: await Store.open(),
    signal,
    observer: new Transfers(terminal),
    onNotice: (text) => terminal.warn(text),
  };
  const done: Plan<MirrorItem & { copied: number; bytes: number }>[] = [];
  for (const { framework, items } of plans) {
    const mirrored = await mirrorClosure(framework, items, options);
    done.push({
      framework,
      items: mirrored.map(({ item, copied, bytes }) => ({ ...item, copied, bytes })),
    });
  }
  terminal.clear();
  const all = done.flatMap(({ items }) => items);
  const moved = all.filter(({ copied }) => copied > 0);
  const bytes = moved.reduce((sum, each) => sum + each.bytes, 0);
  terminal.done(
    'Mirrored',
    `${count(moved.length, 'artifact')} (${formatBytes(bytes)}) to ${flags.to}, ` +
      `${all.length - moved.length} there already, in ${timeSinceStart()}`,
  );
  terminal.result({ to: flags.to, ...told(done) });
  return exitStatus.done;
}

/** What of one framework is copied. */
interface Plan<Item extends MirrorItem = MirrorItem> {
  framework: string;
  items: readonly Item[];
}

/** For a program: of several frameworks each item tells its own. */
function told(plans: readonly Plan[]) {
  const [first, ...others] = plans;
  if (first !== undefined && others.length === 0) return first;
  return { items: plans.flatMap(({ framework, items }) => items.map((item) => ({ framework, ...item }))) };
}

function nothing(file: string, locks: readonly Lock[]): BunnyError {
  const isNamed = locks.length > 1;
  const targets = locks.flatMap(({ framework, targets: each }) =>
    each.map((target) => targetLabel({ ...target, framework: isNamed ? framework : undefined })),
  );
  return new BunnyError('BUNNY_ETARGET', 'the lock has no such target', {
    where: file,
    hint: `it has ${targets.join(', ')}`,
    exitStatus: exitStatus.unsatisfiable,
  });
}

function planTable(plans: readonly Plan[]): string {
  const rows = plans.flatMap(({ framework, items }) =>
    items.map(({ name, version, tag, size, from }) => [
      `${framework}/${name}`,
      version,
      formatBytes(size),
      from,
      tag,
    ]),
  );
  return table(['ARTIFACT', 'VERSION', 'SIZE', 'FROM', 'TAG'], rows);
}
