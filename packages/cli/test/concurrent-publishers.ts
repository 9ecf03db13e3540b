import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCatalogEntry, readIndex, variantOfIndexEntry } from 'bunny-libos-namespace';
import { joinReference, openTarget, Store, type Target } from 'bunny-libos-oci';
import { catalogRepository, variantTag } from 'bunny-libos-spec';
import { bunnyDone } from 'bunny-libos-testing/command/bunny.js';
import { writeTinyLibos, writeTinyVersion } from 'bunny-libos-testing/frameworks/tiny.js';

const worker = fileURLToPath(new URL('./publish-worker.js', import.meta.url));

/** What the publishers of one round have pushed between them. */
const variantsOfVersion = 4;

/**
 * Lets two processes publish different variants of one version at the same instant, round after round, each
 * with a store of its own, as two machines would. After each round all variants must be there, in the index
 * of their version and in the catalog. Fails in the first round where one is not. Gives the rounds.
 */
export async function runConcurrentPublishers(to: string, scratch: string, rounds: number): Promise<number> {
  await writeTinyLibos(scratch);
  await bunnyDone(['publish', join(scratch, 'tooling'), '--to', to], { store: join(scratch, 'store') });
  const publishers = ['amd64', 'arm64'].map(
    (arch) => new Publisher(to, join(scratch, `store-${arch}`), arch),
  );
  try {
    for (let round = 0; round < rounds; round++) {
      const version = `1.0.${round}`;
      const path = await writeTinyVersion(scratch, version);
      await Promise.all(publishers.map((each) => each.plan(path)));
      const pushed = (await Promise.all(publishers.map((each) => each.carryOut()))).flat();
      assert.equal(new Set(pushed).size, variantsOfVersion, `round ${round}: ${pushed.join(' ')}`);
      await assertPublished(to, scratch, version, pushed);
    }
  } finally {
    for (const each of publishers) await each.end();
  }
  return rounds;
}

async function assertPublished(
  to: string,
  scratch: string,
  version: string,
  tags: readonly string[],
): Promise<void> {
  const component = { framework: 'tiny', name: 'one' };
  const target = openTarget(joinReference(to, 'tiny/one'));
  const there = await target.tags();
  const index = await tagsInIndex(target, version);
  const catalog = openTarget(joinReference(to, `tiny/${catalogRepository}`));
  const entry = await readCatalogEntry(catalog, component, await Store.open(join(scratch, 'store')));
  const listed = entry?.versions.find((each) => each.version === version)?.variants.map(({ tag }) => tag);
  for (const tag of tags) {
    assert.ok(there.includes(tag), `${tag} was pushed and has no tag`);
    assert.ok(index.has(tag), `${tag} was pushed and is not in the index`);
    assert.ok(listed?.includes(tag), `${tag} was pushed and is not in the catalog`);
  }
}

/** Tags of the variants that the index of a version has. */
export async function tagsInIndex(target: Target, version: string): Promise<Set<string>> {
  const found = await target.fetchManifest(version);
  if (found === undefined) return new Set();
  const { manifests } = readIndex(found.bytes, found.descriptor.mediaType, version);
  return new Set(
    manifests.map((entry) => {
      const variant = variantOfIndexEntry(entry, version);
      return variant === undefined ? '' : variantTag(version, variant.layerHash);
    }),
  );
}

/** A process that publishes when it is told to. */
class Publisher {
  readonly #child: ChildProcess;
  #answer: { resolve: (message: unknown) => void; reject: (error: Error) => void } | undefined;

  constructor(to: string, store: string, arch: string) {
    this.#child = fork(worker, [to, store, arch]);
    this.#child.on('message', (message) => this.#answer?.resolve(message));
    this.#child.on('exit', () => this.#answer?.reject(new Error('a publisher died')));
  }

  async plan(path: string): Promise<void> {
    assert.equal(await this.#ask(path), 'planned');
  }

  /** Gives the tags of what it has pushed. */
  async carryOut(): Promise<string[]> {
    const { pushed, failed } = (await this.#ask('go')) as { pushed?: string[]; failed?: string };
    if (pushed === undefined) throw new Error(`a publisher failed: ${failed}`);
    return pushed;
  }

  #ask(message: string): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#answer = { resolve, reject };
      this.#child.send(message);
    });
  }

  async end(): Promise<void> {
    this.#answer = undefined;
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.send('end');
    await ended;
  }
}
