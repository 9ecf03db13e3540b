import { randomBytes } from 'node:crypto';
import { link, rename, stat, unlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Descriptor, type Index, indexType } from '../content/descriptor.js';
import { codeOf, fileError, isNotFound, OciError } from '../content/errors.js';
import { parseManifest } from '../content/manifest-validation.js';
import { parseStrictJson } from '../content/strict-json.js';
import { FileLock } from './file-lock.js';
import { makeDirectory } from './make-directory.js';
import { openRegular } from './open-regular.js';

/** The annotation that names a manifest in index.json (image-spec 1.1, annotations.md). */
export const refNameKey = 'org.opencontainers.image.ref.name';

const layoutVersion = '1.0.0';
const layoutFile = 'oci-layout';

/** A change to the entries of index.json: it edits the list in place and says whether it did. */
export type IndexChange = (entries: Descriptor[]) => boolean;

interface Waiting {
  change: IndexChange;
  done: () => void;
  failed: (error: unknown) => void;
}

interface Snapshot {
  /** Of the file that was read: inode, size, time of change. */
  stamp: string;
  index: Index;
  names: ReadonlyMap<string, Descriptor>;
}

/**
 * The `oci-layout` and `index.json` of an image layout (image-spec 1.1, image-layout.md), shared by
 * several processes: readers see one whole version, writers take turns and lose no one's change.
 * Changes asked for while one is being written are written together.
 */
export class LayoutIndex {
  readonly #root: string;
  readonly #file: string;
  readonly #lock: FileLock;
  #snapshot: Snapshot | undefined;
  #waiting: Waiting[] = [];
  #writing = false;

  constructor(root: string) {
    this.#root = root;
    this.#file = path.join(root, 'index.json');
    this.#lock = new FileLock(path.join(root, '.lock'), 'index');
  }

  /** The entries as they are now. None where there is no layout yet. */
  async entries(): Promise<readonly Descriptor[]> {
    return (await this.#read())?.index.manifests ?? [];
  }

  /** The entry with this `ref.name`. */
  async named(name: string): Promise<Descriptor | undefined> {
    return (await this.#read())?.names.get(name);
  }

  /** Makes the layout where it is missing. Throws BUNNY_EMANIFEST where there is one of another version. */
  async initialise(): Promise<void> {
    const file = path.join(this.#root, layoutFile);
    try {
      const text = await readLayoutFile(file);
      const version = (parseStrictJson(text, file) as { imageLayoutVersion?: unknown } | null)
        ?.imageLayoutVersion;
      if (version === layoutVersion) return;
      throw new OciError(
        'BUNNY_EMANIFEST',
        `image layout version ${JSON.stringify(version)} is not understood`,
        {
          where: file,
          hint: `only version ${layoutVersion} exists; check that the directory is an image layout`,
        },
      );
    } catch (error) {
      if (!isNotFound(error)) throw fileError(error, file);
    }
    try {
      makeDirectory(this.#root);
      // Whoever sees that there is a layout finds an index in it.
      await this.#create(this.#file, { schemaVersion: 2, mediaType: indexType, manifests: [] });
      await this.#create(file, { imageLayoutVersion: layoutVersion });
    } catch (error) {
      throw fileError(error, file);
    }
  }

  /** Applies a change under the lock and writes index.json where it changed anything. */
  update(change: IndexChange): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ change, done: resolve, failed: reject });
      if (!this.#writing) void this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      let batch: Waiting[] = [];
      try {
        await this.#lock.hold(async () => {
          batch = this.#waiting;
          this.#waiting = [];
          await this.#apply(batch.map((each) => each.change));
        });
        for (const each of batch) each.done();
      } catch (error) {
        if (batch.length === 0) {
          batch = this.#waiting;
          this.#waiting = [];
        }
        for (const each of batch) each.failed(error);
      }
    }
    this.#writing = false;
  }

  async #apply(changes: IndexChange[]): Promise<void> {
    this.#snapshot = undefined;
    const old = (await this.#read())?.index;
    const entries = [...(old?.manifests ?? [])];
    let changed = false;
    for (const change of changes) changed = change(entries) || changed;
    if (!changed) return;
    const index: Index = { ...old, schemaVersion: 2, mediaType: indexType, manifests: entries };
    await this.#write(this.#file, index, rename);
  }

  /** Writes a file unless there is one. */
  async #create(file: string, content: object): Promise<void> {
    await this.#write(file, content, async (temporary) => {
      await link(temporary, file).catch((error: unknown) => {
        if (codeOf(error) !== 'EEXIST') throw error;
      });
      await unlink(temporary);
    });
  }

  /** Writes a file aside; `name` gives it its name. */
  async #write(
    file: string,
    content: object,
    name: (temporary: string, file: string) => Promise<void>,
  ): Promise<void> {
    const temporary = `${file}.${process.pid}.${randomBytes(6).toString('hex')}`;
    try {
      // On the disk before it has its name: a power cut must not leave an empty index.
      await writeFile(temporary, JSON.stringify(content), { flag: 'wx', flush: true });
      await name(temporary, file);
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw fileError(error, file);
    }
  }

  async #read(): Promise<Snapshot | undefined> {
    try {
      const now = await stat(this.#file, { bigint: true });
      if (this.#snapshot?.stamp === `${now.ino} ${now.size} ${now.mtimeNs}`) return this.#snapshot;
      const handle = await openRegular(this.#file);
      try {
        // Stamp and bytes come from one open file: a rename in between cannot mix two versions.
        const status = await handle.stat({ bigint: true });
        if (status.size > maximumIndexSize) throw tooLarge(status.size, this.#file);
        const bytes = await handle.readFile();
        const index = readIndex(bytes, this.#file);
        const stamp = `${status.ino} ${status.size} ${status.mtimeNs}`;
        this.#snapshot = { stamp, index, names: byName(index.manifests) };
        return this.#snapshot;
      } finally {
        await handle.close();
      }
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw fileError(error, this.#file);
    }
  }
}

function tooLarge(size: bigint, file: string): OciError {
  return new OciError('BUNNY_ELIMIT', `this file has ${size} bytes; at most ${maximumIndexSize} are read`, {
    where: file,
    hint: 'check that the directory is an image layout, and who wrote it',
  });
}

async function readLayoutFile(file: string): Promise<Buffer> {
  const handle = await openRegular(file);
  try {
    const { size } = await handle.stat({ bigint: true });
    if (size > maximumIndexSize) throw tooLarge(size, file);
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

/** An index.json may be larger than a manifest that travels. Bytes. */
const maximumIndexSize = 256 * 1024 * 1024;

function readIndex(bytes: Uint8Array, file: string): Index {
  const index = parseManifest(bytes, indexType, file, { size: maximumIndexSize, takesAnyArtifactType: true });
  return index as Index;
}

function byName(entries: readonly Descriptor[]): Map<string, Descriptor> {
  const names = new Map<string, Descriptor>();
  for (const entry of entries) {
    const name = entry.annotations?.[refNameKey];
    if (name !== undefined) names.set(name, entry);
  }
  return names;
}
