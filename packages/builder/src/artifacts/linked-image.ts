import { join } from 'node:path';
import { pinnedConfigs, publishedRules } from 'bunny-libos-namespace';
import { codeOf, fileWithin, HeldDirectory, type HeldFile } from 'bunny-libos-oci';
import type { FileDigest } from 'bunny-libos-spec';
import { fileDigest, imageAnnotations, sizeLimits } from 'bunny-libos-tooling';
import { type ReadObject, requireAppSymbols, requireConstructors } from '../image/checks.js';
import { readLinkMap } from '../image/link-map.js';
import { type SizeReport, sizeReport } from '../image/size-report.js';
import { type ImageFacts, imageFacts } from '../images/image-facts.js';
import type { BuildRequest } from '../plan/build-request.js';
import type { ClosureMember } from '../plan/closure-layers.js';
import type { PreparedBuild } from '../plan/prepare.js';
import type { RootfsContent } from '../rootfs/content.js';
import { PackedRootfs } from '../rootfs/packed.js';
import { appInputs } from '../run/app-inputs.js';
import { objectReader } from '../run/read-object.js';
import { hostDirectories } from '../run/sandbox-view.js';
import type { WorkDirectory } from '../run/work-directory.js';
import type { LinkedImage, Made } from './artifact.js';

/** All but the place for OCI images. */
type MadeHere = Omit<Made, 'images'> & { linked: LinkedImage };

/**
 * Looks at what the link has left, and has `action` write it. Throws as `WorkPlace.file` and the checks of images;
 * BUNNY_EOBJECT; BUNNY_EPATH where an input of the app is reached over a link that leads out of the project.
 */
export async function withLinkedImage<T>(
  prepared: PreparedBuild,
  request: BuildRequest,
  work: WorkDirectory,
  rootfs: RootfsContent,
  action: (made: MadeHere) => Promise<T>,
): Promise<T> {
  const { plan, closure, rules } = prepared;
  const read = objectReader(plan, hostDirectories(closure, request, work), work);
  const objects = await Promise.all(
    plan.objects.map(async (object) => ({ object, elf: await read(object) })),
  );
  requireAppSymbols(objects, rules.target.appDefines, request.bunnyfile.at(['app']));
  await requireConstructors(objects, scriptsOf(closure), plan);
  const image = work.file(plan.image, sizeLimits.image);
  const outputs = new Map<string, HeldFile>();
  try {
    for (const [name, path] of Object.entries(plan.outputs ?? {})) {
      outputs.set(name, work.file(path, sizeLimits.image));
    }
    const inputs = await inputDigests(appInputs(plan, work), request.directory);
    const sizes = sizesOf(prepared, objects, work, image);
    const packed = rootfs === undefined ? undefined : new PackedRootfs(rootfs);
    const { target, lock, store, sources, signal } = request;
    const published = () => publishedRules(store, target.tooling.rules, []);
    const configs = () => pinnedConfigs(store, target.components, sources, { signal });
    return await action({
      facts: factsOf(prepared, request),
      image,
      rootfs: packed,
      outputs,
      linked: { plan, target, inputs, sizes, lock, rules: published, configs, toolingFacts: rules.rules },
    });
  } finally {
    image.close();
    for (const file of outputs.values()) file.close();
  }
}

function factsOf({ plan, rules }: PreparedBuild, { bunnyfile }: BuildRequest): ImageFacts {
  const { name, arch, platform, tooling } = plan;
  const { target, variables, where } = rules;
  return imageFacts(bunnyfile.value, { name, arch, platform, version: tooling.version }, (values) =>
    imageAnnotations(target, values, variables, `${where}: annotations`),
  );
}

function sizesOf(
  { plan }: PreparedBuild,
  objects: readonly ReadObject[],
  work: WorkDirectory,
  image: HeldFile,
): SizeReport {
  const map = mapText(plan.map, work);
  return sizeReport(plan, image.status.size, map === undefined ? undefined : readLinkMap(map), objects);
}

/** Undefined where the linker has written none. */
function mapText(path: string, work: WorkDirectory): string | undefined {
  try {
    return work.read(path, sizeLimits.map).toString();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function inputDigests(files: readonly string[], directory: string): Promise<FileDigest[]> {
  const project = HeldDirectory.open(directory);
  try {
    const inputs: FileDigest[] = [];
    for (const path of files) {
      const file = fileWithin(project, path, { limit: Number.MAX_SAFE_INTEGER });
      try {
        inputs.push({ path, digest: await fileDigest(file.place) });
      } finally {
        file.close();
      }
    }
    return inputs;
  } finally {
    project.close();
  }
}

/** Empty where there is no default one: the linker's own is used then. */
function scriptsOf(closure: readonly ClosureMember[]): string[] {
  const files = (kind: 'defaultScripts' | 'extraScripts') =>
    closure.flatMap((member) => member[kind].map((path) => join(member.directory, path)));
  const defaults = files('defaultScripts');
  return defaults.length === 0 ? [] : [...defaults, ...files('extraScripts')];
}
