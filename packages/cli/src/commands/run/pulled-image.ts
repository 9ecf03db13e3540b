import {
  type ImageOrigin,
  type PublishedImage,
  readImages,
  readOrigin,
  unpackImage,
} from 'bunny-libos-builder';
import { parseImageReference, Store } from 'bunny-libos-oci';
import { annotations, BunnyError, exitStatus, normaliseArchitecture } from 'bunny-libos-spec';
import { targetRules } from 'bunny-libos-tooling';
import { openNetwork } from '../../project/network.js';
import type { Context } from './command.js';
import type { Bootable } from './run.js';

/** Brings an image into the store, and with it the rules that say how it boots. */
export async function pullImage(context: Context, text: string): Promise<Bootable> {
  const { flags, terminal, signal } = context;
  const reference = parseImageReference(text);
  if (reference.kind === 'docker-archive') throw unbootable(text, 'an archive is for docker load', elsewhere);
  const target = openNetwork(context).open(reference.repository);
  terminal.progress(`pulling ${text}`);
  const transfer = { signal };
  const fitting = chosen(await readImages(target, reference.reference, transfer), text, flags);
  const { image, origin } = await ofFramework(
    fitting,
    (each) => readOrigin(target, each, transfer),
    text,
    flags,
  );
  if (origin === undefined || image.platform === undefined) throw withoutOrigin(text, image);
  const { kernel, rootfs } = await unpackImage(await Store.open(), target, image, transfer);
  terminal.clear();
  const { settings, rules } = origin;
  const { arch, platform, entrypoint, cmd } = image;
  const bootRules = targetRules(rules, { ...settings, arch, platform });
  return { name: text, image: kernel, rootfs, rules: bootRules, entrypoint, cmd };
}

const elsewhere = 'name the image where `bunny push` or `bunny pull` has put it';

/** Of several images the first of the framework that is asked for, which its build record tells. */
async function ofFramework(
  images: readonly [PublishedImage, ...PublishedImage[]],
  originOf: (image: PublishedImage) => Promise<ImageOrigin | undefined>,
  text: string,
  { framework }: Context['flags'],
): Promise<{ image: PublishedImage; origin: ImageOrigin | undefined }> {
  const [first] = images;
  if (framework === undefined) return { image: first, origin: await originOf(first) };
  const there = new Set<string>();
  for (const image of images) {
    const origin = await originOf(image);
    if (origin?.framework.name === framework) return { image, origin };
    there.add(origin?.framework.name ?? '?');
  }
  throw otherTargets(text, [...there]);
}

/** Of several images those for the target that is asked for, one for this machine first. */
function chosen(
  images: readonly PublishedImage[] | undefined,
  text: string,
  { arch, platform }: Context['flags'],
): [PublishedImage, ...PublishedImage[]] {
  if (images === undefined) {
    throw new BunnyError('BUNNY_ENOTFOUND', 'there is no such image', {
      where: text,
      hint: 'check the reference: it may have been deleted, or be in another registry or layout',
      exitStatus: exitStatus.registry,
    });
  }
  if (images.length === 0) throw unbootable(text, 'this is not an image that boots', elsewhere);
  const wanted = arch === undefined ? undefined : normaliseArchitecture(arch);
  const here = normaliseArchitecture(process.arch);
  const fitting = images.filter(
    (image) =>
      (wanted === undefined || image.arch === wanted) &&
      (platform === undefined || image.platform === platform),
  );
  const isHere = (image: PublishedImage) => image.arch === here;
  const [first, ...others] = [...fitting.filter(isHere), ...fitting.filter((image) => !isHere(image))];
  if (first !== undefined) return [first, ...others];
  throw otherTargets(
    text,
    images.map((image) => `${image.arch}/${image.platform ?? '?'}`),
  );
}

function otherTargets(text: string, there: readonly string[]): BunnyError {
  return new BunnyError('BUNNY_ETARGET', 'the image is for other targets', {
    where: text,
    hint: `it is for ${there.join(', ')}`,
    exitStatus: exitStatus.unsatisfiable,
  });
}

/** The error for an image without a build record: it never had one, or has lost it. */
function withoutOrigin(text: string, { manifest }: PublishedImage): BunnyError {
  return manifest.annotations?.[annotations.lock] === undefined
    ? unbootable(
        text,
        'nothing tells how this image boots: it has a prebuilt kernel, or Bunny did not make it',
        'run it by a runtime that reads its annotations, such as urunc',
      )
    : unbootable(text, 'nothing tells how this image boots: its build record is not with it', elsewhere);
}

function unbootable(where: string, summary: string, hint: string): BunnyError {
  return new BunnyError('BUNNY_EMONITOR', summary, { where, hint, exitStatus: exitStatus.unsatisfiable });
}
