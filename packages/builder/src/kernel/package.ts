import { join, resolve } from 'node:path';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  formatPosition,
  normaliseArchitecture,
} from 'bunny-libos-spec';
import { imageAnnotations, type NamedPath, withNamedFile } from 'bunny-libos-tooling';
import type { ArtifactType } from '../artifacts/artifact.js';
import { artifactTypes } from '../artifacts/types.js';
import { outputsOf, writeArtifacts } from '../artifacts/write.js';
import type { ImageFacts } from '../images/image-facts.js';
import { imageStoreBeside, manifestDigest, type OpenLayout } from '../images/image-store.js';
import { asFileFailure } from '../outputs/file-failure.js';
import { imagePath, outputPaths, requireFreeOutputs } from '../outputs/paths.js';
import { rootfsContent, rootfsFiles } from '../rootfs/content.js';
import { PackedRootfs } from '../rootfs/packed.js';
import { namedByBunnyfile } from '../rootfs/project-file.js';
import { kernelHead, kernelMachine } from './machine.js';

/** A prebuilt kernel to package, and where to. */
export interface KernelRequest {
  bunnyfile: Document<Bunnyfile>;
  /** Directory of the Bunnyfile, absolute. */
  directory: string;
  /** What is asked for; where left out, what the file is for, else what the Bunnyfile says, else this machine. */
  arch?: string | undefined;
  /** What is asked for; where left out, what the Bunnyfile says, if it does: part of the image's name. */
  platform?: string | undefined;
  /** As in `BuildRequest`. */
  types?: readonly string[] | undefined;
  openLayout?: OpenLayout | undefined;
  output?: string | undefined;
  current?: string | undefined;
}

/** A kernel that was looked at, and what it is to be called. */
export interface PreparedKernel {
  /** Absolute. */
  file: string;
  arch: string;
  platform?: string | undefined;
  /** Where it goes, absolute. */
  image: string;
  types: readonly ArtifactType[];
  /** What in the Bunnyfile has no effect, or is not so. */
  warnings: readonly string[];
}

/** What was made of a prebuilt kernel. Paths are absolute. */
export interface PackagedKernel {
  /** As in `BuildResult`. */
  files: Readonly<Record<string, string>>;
  image: string;
  initrd?: string | undefined;
  /** As in `BuildResult`. */
  manifest?: string | undefined;
  facts: ImageFacts;
  warnings: readonly string[];
}

/**
 * Looks at the prebuilt `kernel` of a Bunnyfile, and holds what is asked for against it. Writes nothing.
 * Throws BunnyError BUNNY_EKERNEL where there is no such file or it is for another architecture, BUNNY_ETARGET where
 * it is for another platform, BUNNY_EARTIFACT.
 */
export async function prepareKernel(request: KernelRequest): Promise<PreparedKernel> {
  const { bunnyfile, directory } = request;
  const { value, at } = bunnyfile;
  const types = artifactTypes(request.types, ['elf'], 'a prebuilt kernel is not packaged', '--type');
  const platform = platformOf(request);
  const named = namedKernel(request);
  const file = join(directory, named.path);
  const machine = machineOf(await readHead(named, request), bunnyfile);
  if (machine !== undefined && request.arch !== undefined && machine !== request.arch) {
    throw new BunnyError('BUNNY_EKERNEL', `the kernel is for ${machine}, not for ${request.arch}`, {
      where: at(['kernel', 'path']),
      hint: 'leave --arch out, or name a kernel for that architecture',
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  const arch = machine ?? request.arch ?? value.architecture ?? normaliseArchitecture(process.arch);
  const name = [value.name, arch, ...(platform === undefined ? [] : [platform])].join('-');
  return {
    file,
    arch,
    platform,
    image: imagePath(directory, name, request.output, request.current),
    types,
    warnings: [...wrongArchitecture(bunnyfile, machine), ...unusedKeys(bunnyfile, types)],
  };
}

/**
 * Packages the prebuilt `kernel` of a Bunnyfile as it is, with its root file system beside it. Needs no lock.
 * Throws what `prepareKernel` and `requireFreeOutputs` throw, BUNNY_EROOTFS, BUNNY_ENOSPACE.
 */
export async function packageKernel(request: KernelRequest): Promise<PackagedKernel> {
  const { bunnyfile, directory, openLayout } = request;
  const prepared = await prepareKernel(request);
  const { file, image, types, warnings } = prepared;
  const content = await rootfsContent(bunnyfile, directory);
  const document = resolve(request.current ?? process.cwd(), bunnyfile.at([]).file);
  const wanted = { types, reports: [] };
  const paths = outputPaths(image, outputsOf(wanted));
  await requireFreeOutputs(paths, [document, file, ...rootfsFiles(content)], request);
  const images = openLayout === undefined ? undefined : imageStoreBeside(image, openLayout);
  try {
    const rootfs = content === undefined ? undefined : new PackedRootfs(content);
    const facts = factsOf(prepared, bunnyfile.value);
    const write = () =>
      withNamedFile(namedKernel(request), noKernel(request), (kernel) =>
        writeArtifacts(
          wanted,
          { facts, image: kernel, rootfs, linked: undefined, images },
          { ...request, image },
        ),
      );
    const isImage = types.some(({ type }) => type === 'oci');
    const files = await (isImage && images !== undefined ? images.hold(write) : write());
    return { files, image, initrd: files.initrd, manifest: manifestDigest(files.manifest), facts, warnings };
  } catch (error) {
    throw asFileFailure(error, directory);
  }
}

function factsOf({ arch, platform }: PreparedKernel, bunnyfile: Bunnyfile): ImageFacts {
  const { name, framework, entrypoint, cmd, envs, toolingVersion } = bunnyfile;
  return {
    name,
    framework,
    arch,
    platform,
    entrypoint,
    cmd,
    envs,
    annotations: (paths) => {
      const line = cmd.length === 0 ? undefined : cmd.join(' ');
      const version = toolingVersion === '*' ? undefined : toolingVersion;
      const values = { name, framework, arch, platform, version, cmd: line, ...paths };
      return imageAnnotations({}, values, new Map(), 'kernel');
    },
  };
}

/** Nothing in the file tells what it boots on: that is what the Bunnyfile says. */
function platformOf({ platform, bunnyfile: { value, at } }: KernelRequest): string | undefined {
  const said = [
    ...(value.monitor === undefined ? [] : [value.monitor]),
    ...value.targets.map((target) => target.platform),
  ];
  if (platform === undefined || said.length === 0 || said.includes(platform)) return platform ?? said[0];
  throw new BunnyError(
    'BUNNY_ETARGET',
    `the kernel is for ${[...new Set(said)].join(', ')}, not for ${platform}`,
    {
      where: at(value.monitor === undefined ? ['targets'] : ['platforms', 'monitor']),
      hint: 'leave --platform out, or name a kernel for that platform',
      exitStatus: exitStatus.unsatisfiable,
    },
  );
}

function namedKernel({ bunnyfile: { value, at }, directory }: KernelRequest): NamedPath {
  return namedByBunnyfile(directory, value.kernel?.path ?? '', at(['kernel', 'path']));
}

function noKernel({ bunnyfile: { value, at }, directory }: KernelRequest): () => BunnyError {
  const { path = '' } = value.kernel ?? {};
  return () =>
    new BunnyError(
      'BUNNY_EKERNEL',
      path === '' ? 'the Bunnyfile has no kernel' : `there is no file ${path}`,
      {
        where: at(['kernel', 'path']),
        hint: `paths are relative to ${directory}`,
      },
    );
}

function machineOf(head: Buffer, { at }: Document<Bunnyfile>): string | undefined {
  try {
    return kernelMachine(head);
  } catch (cause) {
    throw new BunnyError('BUNNY_EKERNEL', `the kernel cannot be read: ${(cause as Error).message}`, {
      where: at(['kernel', 'path']),
      hint: 'name a kernel for amd64, arm64 or riscv64',
      cause,
    });
  }
}

async function readHead(named: NamedPath, request: KernelRequest): Promise<Buffer> {
  try {
    return await withNamedFile(named, noKernel(request), (file) => {
      const [first] = file.pieces();
      return (first ?? Buffer.alloc(0)).subarray(0, kernelHead);
    });
  } catch (error) {
    throw asFileFailure(error, named.path);
  }
}

/** nubificus/bunny packages without a look at `architecture`: files written for it may have any. */
function wrongArchitecture({ value, at }: Document<Bunnyfile>, machine: string | undefined): string[] {
  if (machine === undefined || value.architecture === undefined || value.architecture === machine) return [];
  const place = formatPosition(at(['platforms', 'architecture']));
  return [`${place}: the kernel is for ${machine}, not for ${value.architecture}`];
}

/** Keys that say something of an app that is compiled, or of an image that is started by what is in it. */
function unusedKeys({ value, at, keyAt }: Document<Bunnyfile>, types: readonly ArtifactType[]): string[] {
  const isStarted = types.some(({ type }) => type === 'oci');
  const { cmd, entrypoint, dependencies, options, providers, settings } = value;
  const place = (key: string) => formatPosition(keyAt([key]));
  const isOlder = formatPosition(keyAt(['cmdline'])) !== formatPosition(at([]));
  const commands = Object.entries({ [isOlder ? 'cmdline' : 'cmd']: cmd, entrypoint }).filter(
    ([, words]) => words.length > 0 && !isStarted,
  );
  const maps = Object.entries({ dependencies, options, providers, settings }).filter(
    ([, map]) => Object.keys(map).length > 0,
  );
  return [
    ...commands.map(
      ([key]) =>
        `${place(key)}: ${key} does nothing: a prebuilt kernel is packaged as it is, without arguments`,
    ),
    ...maps.map(([key]) => `${place(key)}: ${key} does nothing: a prebuilt kernel needs no layers`),
  ];
}
