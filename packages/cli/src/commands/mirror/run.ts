import { dirname, resolve } from 'node:path';
import { type MirrorItem, mirrorClosure, planMirror, rebaseReference } from 'bunny-libos-namespace';
import { Store } from 'bunny-libos-oci';
import { openBases, openSources, requireLock } from 'bunny-libos-project';
import { lockFileName } from 'bunny-libos-resolver';
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
  const lock = await requireLock(file, 'name it with --lock FILE');
  const items = planMirror(lock, {
    arch: flags.arch?.map(normaliseArchitecture),
    platform: flags.platform,
  });
  if (items.length === 0) throw nothing(file, lock);
  if (flags.dryRun) {
    terminal.print(planTable(lock, items));
    terminal.result({ to: flags.to, framework: lock.framework, items });
    return exitStatus.done;
  }
  // A lock names layouts relative to itself, a command line relative to where it is given.
  const directory = resolve(dirname(file));
  const from = (flags.from ?? []).map((reference) => rebaseReference(reference, process.cwd(), directory));
  const network = openNetwork(context);
  const mirrored = await mirrorClosure(lock.framework, items, {
    to: flags.to,
    sources: openSources(from, directory, network, (text) => terminal.warn(text)),
    destination: openBases([flags.to], process.cwd(), network, (text) => terminal.warn(text)),
    store: await Store.open(),
    signal,
    observer: new Transfers(terminal),
    onNotice: (text) => terminal.warn(text),
  });
  terminal.clear();
  const moved = mirrored.filter(({ copied }) => copied > 0);
  const bytes = moved.reduce((sum, each) => sum + each.bytes, 0);
  terminal.done(
    'Mirrored',
    `${count(moved.length, 'artifact')} (${formatBytes(bytes)}) to ${flags.to}, ` +
      `${items.length - moved.length} there already, in ${timeSinceStart()}`,
  );
  terminal.result({
    to: flags.to,
    framework: lock.framework,
    items: mirrored.map(({ item, copied, bytes: each }) => ({ ...item, copied, bytes: each })),
  });
  return exitStatus.done;
}

function nothing(file: string, lock: Lock): BunnyError {
  const targets = lock.targets.map(({ arch, platform }) => `${arch}/${platform}`);
  return new BunnyError('BUNNY_ETARGET', 'the lock has no such target', {
    where: file,
    hint: `it has ${targets.join(', ')}`,
    exitStatus: exitStatus.unsatisfiable,
  });
}

function planTable(lock: Lock, items: readonly MirrorItem[]): string {
  const rows = items.map(({ name, version, tag, size, from }) => [
    `${lock.framework}/${name}`,
    version,
    formatBytes(size),
    from,
    tag,
  ]);
  return table(['ARTIFACT', 'VERSION', 'SIZE', 'FROM', 'TAG'], rows);
}
