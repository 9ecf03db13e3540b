import { readdir } from 'node:fs/promises';
import { requireFreeOutputs } from 'bunny-libos-builder';
import {
  codeOf,
  copy,
  type ImageReference,
  OciError,
  parseImageReference,
  writeDockerArchive,
} from 'bunny-libos-oci';
import { imageDestination } from 'bunny-libos-project';
import { BunnyError, exitStatus } from 'bunny-libos-spec';
import { openNetwork } from '../../project/network.js';
import { timeSinceStart } from '../../terminal/quantities.js';
import type { Context } from './command.js';

/** `bunny pull`: status 3 where the image cannot be had. */
export async function run(context: Context, text: string): Promise<number> {
  const { flags, terminal, signal } = context;
  const from = imageRepository(text);
  const to = flags.to ?? (await defaultPlace(from));
  const { reference } = imageDestination(to);
  const network = openNetwork(context);
  const source = network.open(from.repository);
  terminal.progress(`pulling ${text}`);
  const digest = await bring();
  terminal.clear();
  terminal.done('Pulled', `${text}@${digest} to ${to}, in ${timeSinceStart()}`);
  terminal.result({ reference: text, digest, to });
  return exitStatus.done;

  async function bring(): Promise<string> {
    if (reference.kind === 'docker-archive') {
      const { file } = reference;
      await requireFreeOutputs({ archive: file }, [], { directory: process.cwd(), output: file });
      const found = await source.resolve(from.reference, { signal });
      const name = reference.name ?? `${lastPart(from)}:latest`;
      await writeDockerArchive(source, found?.digest ?? from.reference, reference.file, name, { signal });
      return found?.digest ?? from.reference;
    }
    const target = network.open(reference.repository);
    const onNotice = (notice: string) => terminal.warn(notice);
    const options = { tags: [reference.reference], referrers: true, signal, onNotice };
    return (await copy(source, target, from.reference, options)).digest;
  }
}

type RepositoryReference = Extract<ImageReference, { kind: 'repository' }>;

/** Where an image is read. Throws BUNNY_EREFERENCE for an archive, which is only written. */
function imageRepository(text: string): RepositoryReference {
  const reference = parseImageReference(text);
  if (reference.kind === 'repository') return reference;
  throw new OciError('BUNNY_EREFERENCE', 'an archive for docker load is only written', {
    where: text,
    hint: 'name an image on a registry, or in an image layout: oci:DIR:tag',
    exitStatus: 2,
  });
}

/** An image layout of this directory, called as the image is. Throws BUNNY_EEXISTS where something else is called so. */
async function defaultPlace(from: RepositoryReference): Promise<string> {
  const directory = lastPart(from);
  const names = await readdir(directory).catch((error: unknown): string[] => {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  });
  if (names.length > 0 && !names.includes('oci-layout')) {
    throw new BunnyError('BUNNY_EEXISTS', 'what has the name of the image is not an image layout', {
      where: directory,
      hint: 'name another place with --to oci:DIR:tag',
      exitStatus: exitStatus.usage,
    });
  }
  const tag = from.reference.includes(':') ? 'latest' : from.reference;
  return `oci:${directory}:${tag}`;
}

function lastPart({ repository }: RepositoryReference): string {
  return repository.path.split('/').at(-1) || 'image';
}
