import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { FileLock } from 'bunny-libos-oci';
import { bunnyDone } from '../command/bunny.js';
import { lastingCache, temporaryDirectory } from '../files/temporary.js';
import { repositoryFile } from '../repository.js';
import { warren } from './warren.js';

/** The framework `linux` as the tests find it published. */
export interface Linux {
  /** The layout that holds it, as a REF. */
  registry: string;
  store: string;
}

/**
 * Publishes fixtures/linux into an image layout: Debian packages, which are fetched where the machine has them not yet,
 * and the tooling root of warren. Call it in a `before` with `this.timeout(warrenTimeout)`.
 */
export async function linux(): Promise<Linux> {
  const { directory: root, store } = await warren();
  const directory = await temporaryDirectory('linux');
  const sources = join(directory, 'sources');
  const packages = `${lastingCache}-linux`;
  await mkdir(packages, { recursive: true });
  const make = () =>
    promisify(execFile)(repositoryFile('fixtures/linux/make-sources'), [sources], {
      env: { ...process.env, LINUX_PACKAGES: packages },
    });
  // One of several test processes fetches them.
  await new FileLock(join(packages, '.lock'), 'tests').hold(make, { timeout: 300_000 });
  const tooling = join(sources, 'tooling/tooling.yaml');
  const text = await readFile(tooling, 'utf8');
  await writeFile(
    tooling,
    text.replace(/^rootfs: .*$/m, `rootfs: { image: 'oci:${root}:warren/tooling:1.0.0' }`),
  );
  const registry = `oci:${join(directory, 'registry')}`;
  await bunnyDone(['publish', sources, '--to', registry], { store });
  return { registry, store };
}
