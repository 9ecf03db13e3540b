import type { BuildResult, BuiltImage } from 'bunny-libos-builder';
import type { Project } from 'bunny-libos-project';
import { formatBytes, type LockedTarget } from 'bunny-libos-spec';
import type { TargetRules } from 'bunny-libos-tooling';
import { count, timeSinceStart } from '../../terminal/quantities.js';
import { shownPath } from '../../terminal/shown-path.js';
import { imageWord } from './images.js';

/** An image on disk, and how it boots (not known of a prebuilt kernel). */
export interface Built {
  image: string;
  initrd?: string | undefined;
  rules?: TargetRules | undefined;
}

/** `build/hello (12.0 kB) in 0.3 s, 2 steps run` */
export function builtText(project: Project, result: BuildResult, { framework }: LockedTarget): string {
  const { files, plan, report, ran } = result;
  const image =
    files.image === undefined ? imageWord(project, { ...plan, framework }) : shownPath(files.image);
  const what = ran === 0 ? ', nothing had changed' : `, ${count(ran, 'step')} run`;
  return `${image} (${formatBytes(report.image)}) in ${timeSinceStart()}${what}`;
}

/** The OCI image that a build made, where it made one. */
export function imagesIn({ plan: { name, arch, platform }, manifest }: BuildResult): BuiltImage[] {
  return manifest === undefined ? [] : [{ name, arch, platform, digest: manifest }];
}

/** What a build has made, for a program. `images`: what became of the names that OCI images were to have. */
export function builtDocument(
  { plan, files, image, initrd, record, sizes, manifest, report, ran }: BuildResult,
  { framework }: LockedTarget,
  images?: readonly object[],
): object {
  return {
    name: plan.name,
    framework,
    arch: plan.arch,
    platform: plan.platform,
    image: files.image === undefined ? undefined : shownPath(image),
    initrd: initrd === undefined ? undefined : shownPath(initrd),
    record: shownPath(record),
    sizes: shownPath(sizes),
    manifest,
    images: manifest === undefined ? undefined : images,
    ...sbomPaths(files),
    provenance: files.provenance === undefined ? undefined : shownPath(files.provenance),
    report,
    ran,
  };
}

/** Where bills of materials were written, by their formats. */
export function sbomPaths(files: BuildResult['files']): object {
  const paths = Object.entries(files).flatMap(([output, path]) =>
    output.startsWith('sbom-') ? [[output.slice('sbom-'.length), shownPath(path)]] : [],
  );
  return paths.length === 0 ? {} : { sboms: Object.fromEntries(paths) };
}
