import { type KernelRequest, packageKernel, prepareKernel } from 'bunny-libos-builder';
import type { ImageDestination, Project } from 'bunny-libos-project';
import { BunnyError, exitStatus, normaliseArchitecture } from 'bunny-libos-spec';
import { shownPath } from '../../terminal/shown-path.js';
import { type Built, sbomPaths } from './built.js';
import type { Context } from './command.js';
import { deliver } from './deliver.js';
import { imageWord } from './images.js';
import { isOci, warnOfEnvironment } from './lock.js';

/** Says how a prebuilt kernel would be packaged. */
export async function planPrebuilt(project: Project, { flags, terminal }: Context): Promise<number> {
  const { kernel } = project.document.value;
  const { arch, platform, warnings } = await prepareKernel(kernelRequest(project, flags));
  if (!isOci(flags)) warnOfEnvironment(project, terminal);
  for (const warning of warnings) terminal.warn(warning);
  terminal.print(`package ${kernel?.path} for ${targetText(arch, platform)}, as it is`);
  terminal.result({ kernel: kernel?.path, arch, platform });
  return exitStatus.done;
}

/** Packages it, and reports that. */
export async function packagePrebuilt(
  project: Project,
  context: Context,
  destinations: readonly ImageDestination[],
): Promise<Built> {
  const { flags, terminal } = context;
  const { files, image, initrd, manifest, facts, warnings } = await packageKernel(
    kernelRequest(project, flags),
  );
  if (!isOci(flags)) warnOfEnvironment(project, terminal);
  for (const warning of warnings) terminal.warn(warning);
  const text =
    files.image === undefined
      ? imageWord(project, { ...facts, framework: undefined })
      : shownPath(files.image);
  terminal.done('Packaged', `${text}, as it was`);
  const { name, arch, platform } = facts;
  const built = manifest === undefined ? [] : [{ name, arch, platform, digest: manifest }];
  const images = await deliver(project, context, built, destinations);
  terminal.result({
    image: files.image === undefined ? undefined : shownPath(image),
    initrd: initrd === undefined ? undefined : shownPath(initrd),
    ...sbomPaths(files),
    manifest,
    images: manifest === undefined ? undefined : images,
  });
  return { image, initrd };
}

function kernelRequest(
  project: Project,
  { arch, platform, type, sbom, provenance, output, offline }: Context['flags'],
): KernelRequest {
  const { document, directory, network } = project;
  if (provenance) {
    throw new BunnyError('BUNNY_EUSAGE', 'nothing is known of how a prebuilt kernel was made', {
      where: document.keyAt(['kernel']),
      hint: 'leave --provenance out; --sbom tells of its files',
      exitStatus: exitStatus.usage,
    });
  }
  return {
    bunnyfile: document,
    directory,
    arch: arch === undefined ? undefined : normaliseArchitecture(arch),
    platform,
    types: type,
    sboms: sbom,
    openLayout: (layout) => network.open(layout),
    access: offline ? undefined : { network, store: () => project.store(), signal: project.signal },
    output,
  };
}

function targetText(arch: string, platform: string | undefined): string {
  return platform === undefined ? arch : `${arch}/${platform}`;
}
