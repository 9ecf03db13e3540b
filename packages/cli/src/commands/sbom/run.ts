import { resolve } from 'node:path';
import { readVariantDocuments, variantOfManifest } from 'bunny-libos-namespace';
import {
  type Descriptor,
  formatReference,
  isIndex,
  parseImageReference,
  parseManifest,
  parseStrictJson,
  type Target,
} from 'bunny-libos-oci';
import { billedImage } from 'bunny-libos-project';
import { replaceFile, targetLabel } from 'bunny-libos-resolver';
import { BunnyError, exitStatus, mediaTypes } from 'bunny-libos-spec';
import {
  attachedSboms,
  type BilledImage,
  canonicalRepository,
  imageBill,
  layerBill,
  namedSbomFormats,
  type SbomFormat,
} from 'bunny-libos-trust';
import { lockedClosures } from '../../project/locking.js';
import { openNetwork } from '../../project/network.js';
import type { Context } from './command.js';

/** `bunny sbom`: status 1 where there is nothing that it could be of. */
export async function run(context: Context, reference: string | undefined): Promise<number> {
  const { flags, terminal } = context;
  const created = sourceDate();
  const [format] = namedSbomFormats([flags.format ?? 'spdx']);
  if (format === undefined) throw new Error('there is a format');
  const document =
    reference === undefined
      ? format.document(imageBill(await oneOfLock(context)), created)
      : await ofReference(context, reference, format, created);
  terminal.clear();
  if (flags.output === undefined) {
    terminal.document(document);
    return exitStatus.done;
  }
  await replaceFile(resolve(flags.output), `${JSON.stringify(document, undefined, 2)}\n`);
  terminal.done('Wrote', flags.output);
  terminal.result({ file: flags.output, format: format.name });
  return exitStatus.done;
}

/** Throws BUNNY_ETARGET where the flags do not come to one target of the lock. */
async function oneOfLock(context: Context): Promise<BilledImage> {
  const closures = [...(await lockedClosures(context)).values()];
  const [found, other] = closures;
  if (found !== undefined && other === undefined) return await billedImage(found);
  const names = closures.map(({ target }) => targetLabel(target));
  throw new BunnyError('BUNNY_ETARGET', `${closures.length} targets, and a bill is of one`, {
    where: 'bunny sbom',
    hint:
      names.length === 0
        ? 'a prebuilt kernel has no layers: bunny build --sbom tells of its files'
        : `name it with --arch, --platform and --framework: ${names.join(', ')}`,
  });
}

/** As reproducible-builds.org has it: seconds since 1970. Throws BUNNY_EUSAGE. */
function sourceDate(): Date {
  const text = process.env.SOURCE_DATE_EPOCH ?? '0';
  const seconds = Number(text);
  // What no document can tell as a date of four digits.
  if (/^\d{1,12}$/.test(text) && seconds <= 253_402_300_799) return new Date(seconds * 1000);
  throw new BunnyError('BUNNY_EUSAGE', `SOURCE_DATE_EPOCH is not a time: ${JSON.stringify(text)}`, {
    where: 'SOURCE_DATE_EPOCH',
    hint: 'give seconds since 1970, or unset it',
    exitStatus: exitStatus.usage,
  });
}

async function ofReference(
  context: Context,
  text: string,
  format: SbomFormat,
  created: Date,
): Promise<object> {
  const { terminal, signal } = context;
  const image = parseImageReference(text);
  if (image.kind !== 'repository') throw nothing(text, 'name an image on a registry or in a layout');
  const { repository, reference } = image;
  const target = openNetwork(context).open(repository);
  const found = await target.fetchManifest(reference, { signal });
  if (found === undefined) throw nothing(text, 'correct the reference; `bunny inspect` lists what is there');
  const { descriptor, bytes } = found;
  const manifest = parseManifest(bytes, descriptor.mediaType, text);
  if (isIndex(manifest)) {
    const entries = manifest.manifests;
    const [only, ...others] = entries;
    if (only !== undefined && others.length === 0) {
      return await ofReference(context, `${formatReference(repository)}@${only.digest}`, format, created);
    }
    const listed = entries.map(({ digest }) => `${formatReference(repository)}@${digest}`);
    throw nothing(
      text,
      `it stands for ${listed.length} of them: name one, as ${listed[0] ?? 'by its digest'}`,
    );
  }
  if (manifest.artifactType !== mediaTypes.component) {
    const [first, ...others] = await attached(target, descriptor, format, signal);
    if (first === undefined) {
      throw nothing(
        text,
        `no ${format.name} document is attached: bunny build --sbom ${format.name} attaches one`,
      );
    }
    if (others.length > 0) {
      terminal.warn(
        `${text}: ${others.length + 1} ${format.name} documents are attached; this is one of them`,
      );
    }
    return first;
  }
  const variant = await readVariantDocuments(target, descriptor.digest, { signal });
  if (variant === undefined) throw nothing(text, 'it was removed just now');
  const { config, where } = variant;
  const { layer } = variantOfManifest(variant.descriptor, variant.manifest, config, where);
  const home = canonicalRepository(formatReference(repository));
  return format.document(
    layerBill({ config, repository: home, digest: descriptor.digest, layer: layer.digest }),
    created,
  );
}

async function attached(
  target: Target,
  subject: Descriptor,
  format: SbomFormat,
  signal: AbortSignal,
): Promise<object[]> {
  const texts = await attachedSboms(target, subject, format, { signal });
  const where = `${target.name}@${subject.digest}`;
  return texts.map((text) => {
    const document = parseStrictJson(Buffer.from(text), where, { size: Number.MAX_SAFE_INTEGER });
    if (typeof document === 'object' && document !== null) return document;
    throw nothing(where, 'what is attached is not a document');
  });
}

function nothing(where: string, hint: string): BunnyError {
  return new BunnyError('BUNNY_ENOTFOUND', 'there is nothing to make a bill of materials of', {
    where,
    hint,
    exitStatus: exitStatus.unsatisfiable,
  });
}
