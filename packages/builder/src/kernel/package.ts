import { join, resolve } from 'node:path';
import {
  BunnyError,
  type Bunnyfile,
  type Document,
  exitStatus,
  normaliseArchitecture,
} from 'bunny-libos-spec';
import { type NamedPath, withNamedFile } from 'bunny-libos-tooling';
import type { ArtifactType } from '../artifacts/artifact.js';
import { provenanceReport } from '../artifacts/provenance.js';
import { sbomReports } from '../artifacts/sbom.js';
import { artifactTypes } from '../artifacts/types.js';
import { outputsOf, writeArtifacts } from '../artifacts/write.js';
import type { ImageFacts } from '../images/image-facts.js';
import { imagesFor, manifestDigest, type OpenLayout } from '../images/image-store.js';
import { asFileFailure } from '../outputs/file-failure.js';
import { imagePath, outputPaths, requireFreeOutputs } from '../outputs/paths.js';
import { rootfsContent, rootfsFiles } from '../rootfs/content.js';
import { PackedRootfs } from '../rootfs/packed.js';
import { namedByBunnyfile } from '../rootfs/project-file.js';
import { containerParts } from './container-parts.js';
import { kernelFacts } from './facts.js';
import { kernelHead, kernelMachine } from './machine.js';
import { type ImageAccess, openSourceImages, type SourceImages } from './source-images.js';
import { unusedKeys, wrongArchitecture } from './warnings.js';

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
  sboms?: readonly string[] | undefined;
  openLayout?: OpenLayout | undefined;
  /** How OCI images are had that the Bunnyfile names; with none, none are. */
  access?: ImageAccess | undefined;
  output?: string | undefined;
  current?: string | undefined;
}

/** A kernel that was looked at, and what it is to be called. */
export interface PreparedKernel {
  kernel: NamedPath;
  sources: SourceImages;
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
  requireForm(bunnyfile, types);
  const platform = platformOf(request);
  const asked = request.arch ?? value.architecture ?? normaliseArchitecture(process.arch);
  const sources = await openSourceImages(bunnyfile, { directory, arch: asked, platform }, request.access);
  const named = namedKernel(request, sources);
  const missing = noKernel(request);
  const machine = machineOf(await readHead(named, missing), bunnyfile);
  if (machine !== undefined && request.arch !== undefined && machine !== request.arch) {
    throw new BunnyError('BUNNY_EKERNEL', `the kernel is for ${machine}, not for ${request.arch}`, {
      where: at(['kernel', 'path']),
      hint: 'leave --arch out, or name a kernel for that architecture',
      exitStatus: exitStatus.unsatisfiable,
    });
  }
  const arch = machine ?? asked;
  const name = [value.name, arch, ...(platform === undefined ? [] : [platform])].join('-');
  return {
    kernel: named,
    sources,
    arch,
    platform,
    image: imagePath(directory, name, request.output, request.current),
    types,
    warnings: [
      ...(bunnyfile.passedOver ?? []),
      ...wrongArchitecture(bunnyfile, machine),
      ...unusedKeys(bunnyfile, types),
    ],
  };
}

/**
 * Packages the prebuilt `kernel` of a Bunnyfile as it is, with its root file system beside it. Needs no lock.
 * Throws what `prepareKernel` and `requireFreeOutputs` throw, BUNNY_EROOTFS, BUNNY_ENOSPACE.
 */
export async function packageKernel(request: KernelRequest): Promise<PackagedKernel> {
  const { bunnyfile, directory } = request;
  const prepared = await prepareKernel(request);
  const { kernel: named, sources, image, types, warnings } = prepared;
  const content = await rootfsContent(bunnyfile, directory, sources.trees);
  const document = resolve(request.current ?? process.cwd(), bunnyfile.at([]).file);
  const wanted = { types, reports: [...sbomReports(request.sboms), provenanceReport()] };
  const paths = outputPaths(image, outputsOf(wanted));
  const inputs = [document, join(named.directory, named.path), ...rootfsFiles(content)];
  await requireFreeOutputs(paths, inputs, request);
  const isImage = types.some(({ isContainer }) => isContainer === true);
  const images = isImage ? imagesFor(image, { ...request, signal: request.access?.signal }) : undefined;
  try {
    const { value } = bunnyfile;
    const isPacked = content !== undefined && value.rootfs?.type !== 'raw';
    const rootfs = isPacked ? new PackedRootfs(content) : undefined;
    const facts = kernelFacts(prepared, value);
    const write = async () => {
      const container = await containerParts(value, sources, content);
      return await withNamedFile(named, noKernel(request), (kernel) =>
        writeArtifacts(
          wanted,
          { facts, image: kernel, rootfs, linked: undefined, container, images },
          { ...request, image },
        ),
      );
    };
    const files = await (images === undefined ? write() : images.hold(write));
    return { files, image, initrd: files.initrd, manifest: manifestDigest(files.manifest), facts, warnings };
  } catch (error) {
    throw asFileFailure(error, directory);
  }
}

/** Other artifacts are a kernel with an initrd beside it. */
function requireForm({ value, at }: Document<Bunnyfile>, types: readonly ArtifactType[]): void {
  const { type: root = 'initrd' } = value.rootfs ?? {};
  const other = types.find(({ isContainer }) => isContainer !== true);
  if (root === 'initrd' || other === undefined) return;
  throw new BunnyError('BUNNY_EROOTFS', `a root file system of type ${root} is in OCI images alone`, {
    where: at(['rootfs']),
    hint: 'build with --type oci, or write `type: initrd`',
    exitStatus: exitStatus.unsatisfiable,
  });
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

function namedKernel(
  { bunnyfile: { value, at }, directory }: KernelRequest,
  { trees }: SourceImages,
): NamedPath {
  const { image = '', path = '' } = value.kernel ?? {};
  return namedByBunnyfile(trees.get(image) ?? directory, path, at(['kernel', 'path']));
}

function noKernel({ bunnyfile: { value, at }, directory }: KernelRequest): () => BunnyError {
  const { path = '', image } = value.kernel ?? {};
  return () =>
    new BunnyError(
      'BUNNY_EKERNEL',
      path === '' ? 'the Bunnyfile has no kernel' : `there is no file ${path}`,
      {
        where: at(['kernel', 'path']),
        hint: image === undefined ? `paths are relative to ${directory}` : `it is looked for in ${image}`,
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

async function readHead(named: NamedPath, missing: () => BunnyError): Promise<Buffer> {
  try {
    return await withNamedFile(named, missing, (file) => {
      const [first] = file.pieces();
      return (first ?? Buffer.alloc(0)).subarray(0, kernelHead);
    });
  } catch (error) {
    throw asFileFailure(error, named.path);
  }
}
