import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FileLock } from 'bunny-libos-oci';
import { runDirectory } from 'bunny-libos-testing/files/temporary.js';
import { type Warren, warrenTimeout } from 'bunny-libos-testing/frameworks/warren.js';
import { repositoryFile } from 'bunny-libos-testing/repository.js';

const run = promisify(execFile);

/** Somebody who runs Bunny. */
export interface Account {
  /** `root`, or what else the title of a test says. */
  title: string;
  uid: number;
  gid: number;
  isRoot: boolean;
  /** The words before a command that have it run as this user. */
  through: readonly string[];
  /** Gives a path and all below it to this user; of links, the link. */
  own(path: string): Promise<void>;
  /** Copies a file or tree, to belong to this user. */
  copy(from: string, to: string): Promise<void>;
}

/** No user of this number need exist, and no package or person gets it (systemd, "Users, Groups, UIDs and GIDs"). */
const ordinaryUser = 65_530;

/** Whom attacks are tried as. */
export const attackAccounts: readonly Account[] =
  process.getuid?.() === 0
    ? [account('root', 0, 0), account('an ordinary user', ordinaryUser, ordinaryUser)]
    : [account('the user of the tests', process.getuid?.() ?? 0, process.getgid?.() ?? 0)];

function account(title: string, uid: number, gid: number): Account {
  const isOther = uid !== process.getuid?.();
  const through = isOther ? ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] : [];
  const own = async (path: string) => {
    if (isOther) await run('chown', ['--recursive', '--no-dereference', `${uid}:${gid}`, '--', path]);
  };
  const copy = async (from: string, to: string) => {
    await run('cp', ['--archive', '--', from, to]);
    await own(to);
  };
  return { title, uid, gid, isRoot: uid === 0, through, own, copy };
}

/** What a user has in common in all attacks of a run of the tests. */
interface Belongings {
  /** Where the user may go, and nobody else may write. */
  directory: string;
  registry: string;
  store: string;
  /** The command that starts Bunny. */
  bunny: readonly string[];
}

/** The published warren with a store and this checkout's Bunny where the user can read them, copied once for a run. */
export async function copyFor(
  account: Account,
  { directory: published, store }: Warren,
): Promise<Belongings> {
  const directory = join(runDirectory, `attacks-${account.uid}`);
  const done = join(directory, 'copied');
  const make = async () => {
    if (existsSync(done)) return;
    // Else the user could not get to what is below it. Names in it cannot be listed.
    await chmod(runDirectory, 0o711);
    await mkdir(directory, { recursive: true });
    await chmod(directory, 0o711);
    await account.copy(published, join(directory, 'registry'));
    await account.copy(repositoryFile('packages/cli/bundle'), join(directory, 'bundle'));
    const own = join(directory, 'store');
    await mkdir(join(own, 'unpacked'), { recursive: true, mode: 0o700 });
    await account.own(own);
    for (const part of ['rootfs', 'unpacked/image']) await account.copy(join(store, part), join(own, part));
    await account.own(own);
    // Node, too, may be in a home directory.
    const { execPath } = process;
    const mayRun = run(account.through[0] ?? 'env', [...account.through.slice(1), 'test', '-x', execPath]);
    await mayRun.catch(() => account.copy(execPath, join(directory, 'node')));
    await writeFile(done, '');
  };
  await new FileLock(join(runDirectory, `attacks-${account.uid}.lock`), 'tests').hold(make, {
    timeout: warrenTimeout,
  });
  const node = join(directory, 'node');
  return {
    directory,
    registry: `oci:${join(directory, 'registry')}`,
    store: join(directory, 'store'),
    bunny: [existsSync(node) ? node : process.execPath, join(directory, 'bundle', 'bunny.cjs')],
  };
}
